using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Modeldrop.Tracking.Runs;

/// <summary>Ids in MLflow's form.</summary>
public static partial class TrackingIds
{
    /// <summary>The experiment that always exists.</summary>
    public const string DefaultExperiment = "0";

    public static bool IsExperiment(string text) => Experiment().IsMatch(text);

    public static bool IsRun(string text) => Run().IsMatch(text);

    public static bool IsLoggedModel(string text) => LoggedModel().IsMatch(text);

    public static string NewRun() => Guid.NewGuid().ToString("N");

    public static string NewLoggedModel() => $"m-{Guid.NewGuid():N}";

    /// <summary>18 digits, as in MLflow's file store.</summary>
    public static string NewExperiment() =>
        RandomNumberGenerator.GetInt32(100_000_000, 1_000_000_000).ToString(CultureInfo.InvariantCulture)
        + RandomNumberGenerator.GetInt32(1_000_000_000).ToString("D9", CultureInfo.InvariantCulture);

    /// <summary>Turns any text into a valid part of a row key.</summary>
    public static string KeyOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];

    [GeneratedRegex(@"^[0-9]{1,20}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Experiment();

    [GeneratedRegex(@"^[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Run();

    [GeneratedRegex(@"^m-[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex LoggedModel();
}
