using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Scoring.Failures;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Retention;

/// <summary>The daily round: deletes old predictions, then versions that nothing keeps any longer, then data without an owner.</summary>
public sealed partial class RetentionService(
    VersionRetention versions, OrphanSweep sweep, PredictionStore predictions, FeedbackStore feedback, FailureStore failures,
    IOptions<RetentionOptions> options, TimeProvider clock, ILogger<RetentionService> logger)
{
    /// <summary>Pages show a day of failed requests; a month leaves time for an investigation.</summary>
    private static readonly TimeSpan KeepFailuresFor = TimeSpan.FromDays(31);

    public async Task RunAsync(IOperations operations, CancellationToken cancellationToken)
    {
        await failures.DeleteBeforeAsync(clock.GetUtcNow() - KeepFailuresFor, cancellationToken);
        if (options.Value.KeepPredictionsFor > TimeSpan.Zero)
        {
            using StorageMeter meter = StorageMeter.Start();
            (int packs, int blobs) = await predictions.DeleteBeforeAsync(
                clock.GetUtcNow() - options.Value.KeepPredictionsFor, cancellationToken);
            await feedback.DeleteBeforeAsync(clock.GetUtcNow() - options.Value.KeepPredictionsFor, cancellationToken);
            Log.PredictionsDeleted(logger, packs, blobs, options.Value.KeepPredictionsFor.TotalDays, meter.Transactions);
        }

        await versions.RunAsync(cancellationToken);
        await sweep.RunAsync(operations, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(7013, LogLevel.Information,
            "Deleted {Packs} packs and {Blobs} blobs of the prediction log that are older than {Days} days, with {Transactions} "
            + "storage transactions")]
        public static partial void PredictionsDeleted(ILogger logger, int packs, int blobs, double days, long transactions);
    }
}
