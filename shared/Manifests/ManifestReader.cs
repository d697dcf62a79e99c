using System.Text.Json;
using Modeldrop.Names;

namespace Modeldrop.Manifests;

/// <summary>The result of reading a manifest.</summary>
/// <param name="Manifest">Null if there are violations.</param>
/// <param name="Violations">All violations, one sentence each; the drop is refused with them.</param>
public sealed record ManifestReading(Manifest? Manifest, IReadOnlyList<string> Violations);

/// <summary>Reads <c>model.json</c>.</summary>
/// <remarks>
/// People write it by hand, so comments, trailing commas and a byte order mark are accepted. A duplicate member is refused, because nobody
/// knows which one was meant. Unknown members are refused too: a misspelt bound would otherwise have no effect.
/// <c>docs/model.schema.json</c> describes the same rules for editors; a test compares the two.
/// </remarks>
public static class ManifestReader
{
    /// <summary>File name of the manifest beside the model.</summary>
    public const string FileName = "model.json";

    public const int MaxBytes = 1024 * 1024;

    /// <summary>Longest time of a step, and of a gate's wait: 30 days.</summary>
    public const int MaxBakeMinutes = 30 * 24 * 60;

    /// <summary>Metrics that can have bounds; the classification ones first.</summary>
    public static readonly IReadOnlyList<string> Metrics = [
        "accuracy", "log_loss", "roc_auc", "precision", "recall", "f1", "brier", "calibration_error", "mae", "rmse", "r2"];

    internal const int MaxText = 8 * 1024;
    private const int MaxTags = 100;
    private const int MaxSteps = 20;
    private const int MaxCompanions = 10_000;
    private const double MaxHours = 24 * 366;
    private const int MaxRequests = 1_000_000;
    private const int MaxDatasetVersion = 1_000_000;
    private const double MaxLatencyMs = 10 * 60 * 1000;

    /// <summary>Bound for a metric in the unit of the label, or without an upper end.</summary>
    private const double MaxError = 1e12;

    private const double MinSignificance = 1e-9;
    private const double MaxSignificance = 0.5;
    private const int MaxRecordBytes = 100 * 1024 * 1024;
    private static readonly TimeSpan MaxWindow = TimeSpan.FromDays(366);

    private static readonly JsonDocumentOptions Format = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        AllowDuplicateProperties = false,
        MaxDepth = 32,
    };

    public static ManifestReading Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBytes)
        {
            return new ManifestReading(null, [$"The manifest has {json.Length} bytes; at most {MaxBytes} are accepted."]);
        }

        ReadOnlyMemory<byte> text = json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Format);
            var violations = new List<string>();
            ManifestFields fields = ManifestFields.Of(document.RootElement, violations);
            Manifest manifest = ReadManifest(fields);
            fields.RefuseUnknown();
            return new ManifestReading(violations.Count == 0 ? manifest : null, violations);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text with half a surrogate pair.
            return new ManifestReading(null, [$"The manifest is not valid JSON: {exception.Message}"]);
        }
    }

    private static Manifest ReadManifest(ManifestFields fields)
    {
        // Editors find the schema by this member.
        fields.Text("$schema", MaxText);
        var manifest = new Manifest
        {
            Description = fields.Text("description", MaxText),
            Tags = fields.Object("tags").Texts(MaxTags, maxNameLength: 250, MaxText),
            Companions = ReadCompanions(fields),
            Task = fields.Choice<ModelTask>("task"),
            Label = fields.IsList("label") ? null : fields.Text("label", MaxText),
            Labels = fields.IsList("label") ? fields.Names("label", ManifestPrediction.MaxClasses, MaxText) : null,
            Inputs = ManifestInputs.Read(fields.Object("inputs")),
            Prediction = fields.Has("prediction") ? ManifestPrediction.Read(fields.Object("prediction")) : null,
            Dataset = fields.Has("dataset") ? ReadDataset(fields.Object("dataset")) : null,
            Source = fields.Has("source") ? ReadSource(fields.Object("source")) : null,
            Validation = ReadValidation(fields.Object("validation")),
            Promotion = ReadPromotion(fields.Object("promotion")),
            Logging = ReadLogging(fields.Object("logging")),
            Monitoring = ReadMonitoring(fields.Object("monitoring")),
        };
        ManifestPrediction.Check(manifest, fields);
        return manifest;
    }

    private static IReadOnlyList<string>? ReadCompanions(ManifestFields fields)
    {
        IReadOnlyList<string>? names = fields.TextList("companions", MaxCompanions);
        foreach (string name in names?.Where(name => !FileNames.IsCompanion(name) || !FileNames.IsSafe(name)) ?? [])
        {
            fields.Violation<object>(
                $"'{fields.Path("companions")}' contains '{name}'; it may list only files in the model's own folder: "
                + "no folders, no .onnx, and no documents that Modeldrop writes.");
        }

        return names;
    }

    private static DatasetSource ReadDataset(ManifestFields fields)
    {
        string? name = fields.Text("name", MaxText);
        if (name is not null && DatasetName.Find(name) is null)
        {
            fields.Violation<object>($"'{fields.Path("name")}' is '{name}'; a data set name must have {DatasetName.Rule}.");
        }

        string? uri = fields.Text("uri", MaxText);
        if (uri is not null && !Uri.TryCreate(uri, UriKind.Absolute, out _))
        {
            fields.Violation<object>($"'{fields.Path("uri")}' is '{uri}', not an absolute address.");
        }

        int? version = fields.Integer("version", 1, MaxDatasetVersion);
        if (version is not null && name is null)
        {
            fields.Violation<object>($"'{fields.Path("version")}' is given without the data set's '{fields.Path("name")}'.");
        }

        return new DatasetSource(name, uri, fields.Text("note", MaxText), version);
    }

    private static ModelSource ReadSource(ManifestFields fields)
    {
        return new ModelSource(fields.Text("git", MaxText), fields.Text("run", MaxText));
    }

    private static ValidationPolicy ReadValidation(ManifestFields fields)
    {
        ManifestFields bounds = fields.Object("metrics");
        return new ValidationPolicy
        {
            Metrics = Metrics.Where(bounds.Has).ToDictionary(metric => metric, metric => ReadBounds(metric, bounds.Object(metric))),
            LatencyP95Ms = fields.Number("latencyP95Ms", min: 0, MaxLatencyMs, open: true),
            MaxDisagreement = fields.Number("maxDisagreement", 0, 1),
        };
    }

    private static MetricBounds ReadBounds(string metric, ManifestFields fields)
    {
        (double low, double high) = metric switch
        {
            "log_loss" or "brier" or "mae" or "rmse" => (0.0, MaxError),
            "r2" => (-MaxError, 1.0),
            _ => (0.0, 1.0),
        };
        var bounds = new MetricBounds(
            fields.Number("min", low, high), fields.Number("max", low, high),
            fields.Number("maxDropFromChampion", 0, Math.Max(high, -low)));
        if (bounds.Min > bounds.Max)
        {
            fields.Violation<object>($"'{fields.Path("min")}' is above '{fields.Path("max")}': no model can pass.");
        }

        return bounds;
    }

    private static PromotionPolicy ReadPromotion(ManifestFields fields)
    {
        var defaults = new PromotionPolicy();
        IReadOnlyList<int>? steps = fields.Integers("steps");
        if (steps is not null && CheckSteps(steps) is { } wrong)
        {
            fields.Violation<object>($"'{fields.Path("steps")}' is [{string.Join(", ", steps.Take(MaxSteps + 1))}]; {wrong}.");
        }

        return new PromotionPolicy
        {
            Mode = fields.Choice<PromotionMode>("mode") ?? defaults.Mode,
            Steps = steps ?? defaults.Steps,
            BakeMinutes = fields.Number("bakeMinutes", 0, MaxBakeMinutes) ?? defaults.BakeMinutes,
            Approval = fields.Flag("approval") ?? defaults.Approval,
            FourEyes = fields.Flag("fourEyes") ?? defaults.FourEyes,
            ApprovalHours = fields.Number("approvalHours", 0, MaxHours, open: true) ?? defaults.ApprovalHours,
            ReminderHours = fields.Number("reminderHours", 0, MaxHours, open: true) ?? defaults.ReminderHours,
            DuringRollout = fields.Choice<DuringRollout>("duringRollout") ?? defaults.DuringRollout,
            Gate = ReadGate(fields.Object("gate")),
        };
    }

    private static GatePolicy ReadGate(ManifestFields fields)
    {
        var defaults = new GatePolicy();
        return new GatePolicy
        {
            MinRequests = fields.Integer("minRequests", 1, MaxRequests) ?? defaults.MinRequests,
            MaxWaitMinutes = fields.Number("maxWaitMinutes", 0, MaxBakeMinutes) ?? defaults.MaxWaitMinutes,
            WhenUndecided = fields.Choice<WhenUndecided>("whenUndecided") ?? defaults.WhenUndecided,
            MaxErrorIncrease = fields.Number("maxErrorIncrease", 0, 1) ?? defaults.MaxErrorIncrease,
            MaxLatencyFactor = fields.Number("maxLatencyFactor", 1, 1_000) ?? defaults.MaxLatencyFactor,
            MaxOutputShift = fields.Number("maxOutputShift", 0, 1) ?? defaults.MaxOutputShift,
        };
    }

    /// <summary>Returns what is wrong with the steps of a rollout, in a manifest or a request; null if nothing is.</summary>
    public static string? CheckSteps(IReadOnlyList<int> steps) =>
        steps.Count is 0 or > MaxSteps ? $"it needs 1 to {MaxSteps} steps"
        : steps.Any(step => step is < 1 or > 100) ? "a step is 1 to 100 percent"
        : steps.Zip(steps.Skip(1)).Any(pair => pair.First >= pair.Second) ? "the steps must rise"
        : steps[^1] != 100 ? "the last step must be 100"
        : null;

    private static LoggingPolicy ReadLogging(ManifestFields fields)
    {
        var defaults = new LoggingPolicy();
        return new LoggingPolicy
        {
            Mode = fields.Choice<LoggingMode>("mode") ?? defaults.Mode,
            Sample = fields.Number("sample", 0, 1) ?? defaults.Sample,
            MaxRecordBytes = fields.Integer("maxRecordBytes", 1, MaxRecordBytes) ?? defaults.MaxRecordBytes,
        };
    }

    private static MonitoringPolicy ReadMonitoring(ManifestFields fields)
    {
        var defaults = new MonitoringPolicy();
        return new MonitoringPolicy
        {
            Window = ReadWindow(fields) ?? defaults.Window,
            Baseline = ReadBaseline(fields) ?? defaults.Baseline,
            AlertWebhook = ReadWebhook(fields, "alertWebhook"),
            RetrainWebhook = ReadWebhook(fields, "retrainWebhook"),
            OnDrift = fields.Choice<DriftAction>("onDrift") ?? defaults.OnDrift,
            OnDegraded = fields.Choice<DriftAction>("onDegraded") ?? defaults.OnDegraded,
            Significance = fields.Number("significance", MinSignificance, MaxSignificance),
            Features = ManifestMonitoring.ReadFeatures(fields.Object("features")),
            Slices = ManifestMonitoring.ReadSlices(fields),
        };
    }

    private static TimeSpan? ReadWindow(ManifestFields fields)
    {
        if (fields.Text("window", MaxText) is not { } text)
        {
            return null;
        }

        string path = fields.Path("window");

        // Only "c": the general format would read "24:00:00" as 24 days.
        return !TimeSpan.TryParseExact(text, "c", null, out TimeSpan window)
                ? fields.Violation<TimeSpan?>($"'{path}' is '{text}'; write it as 'days.hh:mm:ss', such as '1.00:00:00'.")
            : window <= TimeSpan.Zero || window > MaxWindow
                ? fields.Violation<TimeSpan?>($"'{path}' is {text}; it must be more than zero and at most {MaxWindow.TotalDays} days.")
            : window;
    }

    private static string? ReadBaseline(ManifestFields fields) =>
        fields.Text("baseline", MaxText) is not { } text ? null
        : DriftBaseline.Find(text) is { } baseline ? baseline.ToString()
        : fields.Violation<string>($"'{fields.Path("baseline")}' is '{text}'; it must be {DriftBaseline.Forms}.");

    private static string? ReadWebhook(ManifestFields fields, string member)
    {
        if (fields.Text(member, MaxText) is not { } text)
        {
            return null;
        }

        bool valid = Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
            && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp);
        return valid ? text : fields.Violation<string>($"'{fields.Path(member)}' is '{text}', not an absolute http or https address.");
    }
}
