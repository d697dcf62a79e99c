using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Predictions;
using Modeldrop.Registry;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Compares a window of a version's traffic with its reference.</summary>
public sealed partial class DriftService(
    ReferenceProfiles references,
    ProfileStore profiles,
    DriftStore reports,
    IOptions<MonitoringOptions> options,
    TimeProvider clock,
    ILogger<DriftService> logger)
{
    /// <summary>Checks what is folded (<see cref="FoldService"/>) and stores the report.</summary>
    /// <param name="from">Event time; rounded down to the hour.</param>
    /// <param name="to">Not part of the window; rounded up to the hour.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> for an empty window; <see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<DriftReport> CheckAsync(ModelName model, int version, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        DriftReport report = await CompareAsync(model, version, from, to, cancellationToken);
        await reports.WriteAsync(model, report, cancellationToken);
        Log.Checked(logger, model, version, report.Summary, report.Transactions);
        return report;
    }

    /// <summary>The same without storing it.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> for an empty window; <see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<DriftReport> CompareAsync(ModelName model, int version, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        if (to <= from)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"The window from {from:O} to {to:O} is empty.");
        }

        long fromHour = Hours.Floor(from);
        long toHour = Hours.Ceiling(to);
        var meter = new StorageMeter();
        ReferenceProfile? reference = await references.FindAsync(model, version, cancellationToken, meter);
        HourProfile window = HourProfile.Empty(reference);
        long otherRows = 0;
        await foreach (HourRow row in profiles.ReadAsync(model, version, fromHour, toHour, meter, cancellationToken))
        {
            if (row.Profile.Reference == reference?.Digest)
            {
                window.Add(row.Profile);
            }
            else
            {
                otherRows += row.Profile.Rows;
            }
        }

        MonitoringOptions settings = options.Value;
        IReadOnlyList<FeatureDrift> features = reference is null ? [] : DriftEvaluator.Evaluate(reference, window.Features, settings);
        DriftStatus status = reference is null ? DriftStatus.NoReference
            : features.Any(feature => feature.Test is not null) ? DriftStatus.Checked
            : DriftStatus.TooFewRows;
        return new DriftReport
        {
            Model = model.Value,
            Version = version,
            Status = status,
            Summary = Summarise(status, window, features, settings),
            Drifted = features.Any(feature => feature.Drifted),
            From = Hours.StartOf(fromHour),
            To = Hours.StartOf(toHour),
            CheckedAt = clock.GetUtcNow(),
            Records = window.Records,
            Rows = window.Rows,
            ReferenceRows = reference?.Rows ?? 0,
            OtherRows = otherRows,
            Significance = settings.Significance,
            MinimumDistance = settings.MinimumDistance,
            MinimumRows = settings.MinimumRows,
            Features = features,
            Transactions = meter.Transactions,
        };
    }

    private static string Summarise(DriftStatus status, HourProfile window, IReadOnlyList<FeatureDrift> features, MonitoringOptions settings)
    {
        string[] drifted = [.. features.Where(feature => feature.Drifted).Select(feature => (feature.IsOutput ? "output " : "") + feature.Name)];
        int tested = features.Count(feature => feature.Test is not null);
        return status switch
        {
            DriftStatus.NoReference => "The version has no reference data, so nothing is compared.",
            DriftStatus.TooFewRows => $"{window.Rows} rows in the window; a verdict needs {settings.MinimumRows}.",
            _ when drifted.Length == 0 => $"No drift in {tested} features over {window.Rows} rows.",
            _ => $"{drifted.Length} of {tested} features drifted over {window.Rows} rows: {string.Join(", ", drifted)}.",
        };
    }

    private static partial class Log
    {
        [LoggerMessage(5100, LogLevel.Information, "Drift check of '{Model}' version {Version}: {Summary} ({Transactions} storage transactions)")]
        public static partial void Checked(ILogger logger, ModelName model, int version, string summary, long transactions);
    }
}
