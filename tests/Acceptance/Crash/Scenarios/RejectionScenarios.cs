using System.Text;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Acceptance.Crash.Scenarios;

/// <summary>A version misses the bounds in its manifest: it exists, with its report, and is rejected.</summary>
internal sealed class RejectedVersion : CrashScenario
{
    private const string Manifest = """{ "label": "species", "prediction": { "output": "probabilities" }, "validation": { "metrics": { "accuracy": { "min": 0.9999 } } } }""";

    private string _model = "";
    private string _operation = "";

    public override string Name => "a version fails its validation";

    public override int Writes => 45;

    public override Task PrepareAsync(CrashHost host, int run)
    {
        _model = $"rejected{run}";
        return Task.CompletedTask;
    }

    public override async Task ActAsync(CrashHost host)
    {
        _operation = await Users.DropAsync(
            host.Client, _model, Users.Package("penguins", "1", ("model.json", Encoding.UTF8.GetBytes(Manifest))));
        await Users.WaitForEndAsync(host.Client, _operation);
    }

    public override async Task<IReadOnlyList<string>> CheckAsync(CrashHost host)
    {
        (_, IReadOnlyList<RegistryEvent> events) = await ReadAsync(host, _model);
        return
        [
            .. await CheckModelAsync(host, _model, [1]),
            .. CheckEvents(events, _operation, "1 registered", "1 Validating", "1 proven", "1 Rejected"),
            .. await CheckRejectionAsync(host, _model, expected: true),
            .. await CheckOutcomeAsync(host, _operation, "rejected"),
        ];
    }
}

/// <summary>A file that is not a model: no version, and its owner gets the reasons.</summary>
internal sealed class RefusedDrop : CrashScenario
{
    private string _model = "";
    private string _operation = "";

    public override string Name => "a drop without a usable model";

    public override int Writes => 12;

    public override Task PrepareAsync(CrashHost host, int run)
    {
        _model = $"refused{run}";
        return Task.CompletedTask;
    }

    public override async Task ActAsync(CrashHost host)
    {
        _operation = await Users.DropAsync(
            host.Client, _model, new Dictionary<string, byte[]> { [ModelVersion.ModelFile] = Encoding.UTF8.GetBytes("no model") });
        await Users.WaitForEndAsync(host.Client, _operation);
    }

    public override async Task<IReadOnlyList<string>> CheckAsync(CrashHost host)
    {
        (_, IReadOnlyList<RegistryEvent> events) = await ReadAsync(host, _model);
        return
        [
            .. await CheckModelAsync(host, _model, []),
            .. CheckEvents(events, _operation, nameof(DropRejected)),
            .. await CheckRejectionAsync(host, _model, expected: true),
            .. await CheckOutcomeAsync(host, _operation, "rejected"),
        ];
    }
}
