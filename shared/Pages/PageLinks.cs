using System.Globalization;
using Modeldrop.Names;

namespace Modeldrop.Pages;

/// <summary>
/// Addresses of the console's pages. None starts with <c>/models</c> or <c>/v2</c>, which belong to the scoring protocols.
/// </summary>
public static class PageLinks
{
    public const string Models = "/";
    public const string Operations = "/console/operations";
    public const string Predictions = "/console/predictions";
    public const string Alerts = "/console/alerts";
    public const string Datasets = "/console/datasets";
    public const string Runs = "/console/runs";
    public const string Audit = "/console/audit";
    public const string Api = "/api/docs";
    public const string Keys = "/console/keys";
    public const string Drop = "/console/drop";

    public static string Model(string model) => $"/console/models/{Uri.EscapeDataString(model)}";

    public static string Version(string model, int version) => Of(model, $"versions/{version.ToString(CultureInfo.InvariantCulture)}");

    public static string Drift(string model) => Of(model, "drift");

    public static string Performance(string model) => Of(model, "performance");

    public static string Shadow(string model) => Of(model, "shadow");

    public static string Drill(string model) => Of(model, "drill");

    public static string Operation(OperationId id) => $"{Operations}/{Uri.EscapeDataString(id.ToString())}";

    public static string Prediction(string id) => $"{Predictions}/{Uri.EscapeDataString(id)}";

    public static string Dataset(string name) => $"{Datasets}/{Uri.EscapeDataString(name)}";

    public static string Run(string id) => $"{Runs}/{Uri.EscapeDataString(id)}";

    public static string Experiment(string id) => $"{Runs}?experiment={Uri.EscapeDataString(id)}";

    /// <summary>The page for dropping another version of a model.</summary>
    public static string DropOf(string model) => $"{Drop}?model={Uri.EscapeDataString(model)}";

    private static string Of(string model, string part) => $"{Model(model)}/{part}";
}
