using System.Globalization;
using Modeldrop.Names;
using Modeldrop.Tabular;

namespace Modeldrop.Predictions.Feedback;

/// <summary>Accepts feedback: compares it with the logged requests, and stores what fits.</summary>
public sealed class FeedbackService(FeedbackStore store, PredictionStore predictions)
{
    /// <summary>
    /// Stores the labels of each request with a matching number of rows. Labels of a request that is not (or not yet) in the log are stored
    /// unchecked.
    /// </summary>
    /// <exception cref="Errors.ServiceException"><see cref="Errors.ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<FeedbackResult> AddAsync(FeedbackBatch batch, string actor, CancellationToken cancellationToken)
    {
        Dictionary<PredictionId, int> misfits = await predictions.FindMisfitsAsync(
            [.. batch.Entries.Select(one => one.Entry)], cancellationToken);
        FeedbackEntry[] good = [.. batch.Entries.Select(one => one.Entry).Where(entry => !misfits.ContainsKey(entry.Id))];
        IEnumerable<FeedbackViolation> wrong = batch.Entries.Where(one => misfits.ContainsKey(one.Entry.Id)).SelectMany(one =>
            one.Lines.Select(line => new FeedbackViolation(line, Describe(one.Entry, misfits[one.Entry.Id]))));
        (int stored, int unchanged) = await store.WriteAsync(good, actor, cancellationToken);
        int without = good.Sum(entry =>
            (entry.IsWhole ? entry.Labels.Count : entry.Lines) - entry.Labels.Count(label => !LabelText.IsMissing(label)));
        return new FeedbackResult(stored, unchanged, without, [.. batch.Violations.Concat(wrong).OrderBy(violation => violation.Line)]);
    }

    private static string Describe(FeedbackEntry entry, int rows) =>
        string.Create(CultureInfo.InvariantCulture, $"Prediction '{entry.Id}' has {rows:N0} rows, ")
        + (entry.IsWhole
            ? $"and the number of labels is {entry.Labels.Count}; send a list with one for each row (null if unknown), "
                + "or 'row' with each label."
            : $"counted from 0; there is no row {entry.Labels.Count - 1}.");
}
