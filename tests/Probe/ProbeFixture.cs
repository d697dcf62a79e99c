using Microsoft.Extensions.Logging.Abstractions;
using Modeldrop.Probe;
using Modeldrop.Scoring;

namespace Modeldrop.Tests.Probe;

internal static class ProbeFixture
{
    /// <summary>The built application, whose first argument makes it the probe.</summary>
    public static string Application => Path.Combine(AppContext.BaseDirectory, "Modeldrop.Functions.dll");

    public static ProbeOptions Options(Action<ProbeOptions>? change = null)
    {
        // A guard against hangs on slow machines, not a limit under test.
        var options = new ProbeOptions { AssemblyPath = Application, Timeout = TimeSpan.FromMinutes(5) };
        change?.Invoke(options);
        return options;
    }

    /// <param name="scoring">The options of the application whose models are checked; null: the defaults.</param>
    public static ProbeService Service(Action<ProbeOptions>? change = null, ScoringOptions? scoring = null) =>
        new(
            Microsoft.Extensions.Options.Options.Create(Options(change)),
            Microsoft.Extensions.Options.Options.Create(scoring ?? new ScoringOptions()),
            TimeProvider.System,
            NullLogger<ProbeService>.Instance);
}
