using System.Globalization;
using Modeldrop.Names;

namespace Modeldrop.Predictions.Feedback;

/// <summary>A line of feedback.</summary>
/// <param name="Row">Row of the request, from 0; null: the line has the labels of all rows.</param>
/// <param name="Labels">One label if there is a row, otherwise one for each row; null: unknown.</param>
public sealed record FeedbackLine(int Line, PredictionId Id, int? Row, IReadOnlyList<string?> Labels)
{
    /// <summary>The labels by row of the request.</summary>
    internal IEnumerable<(int Row, string? Label)> Rows => Labels.Select((label, index) => (Row ?? index, label));

    internal int? Count => Row is null ? Labels.Count : null;
}

/// <summary>Joins the lines of each prediction and finds lines that contradict each other.</summary>
internal static class FeedbackLines
{
    public static FeedbackBatch Join(IEnumerable<FeedbackLine> lines, List<FeedbackViolation> violations)
    {
        List<(IReadOnlyList<int>, FeedbackEntry)> entries = [];
        foreach (IGrouping<PredictionId, FeedbackLine> prediction in lines.GroupBy(line => line.Id))
        {
            FeedbackLine[] all = [.. prediction];
            Dictionary<FeedbackLine, string> wrong = all.Length > 1 ? Contradictions(all) : [];
            violations.AddRange(wrong.Select(pair => new FeedbackViolation(pair.Key.Line, pair.Value)));
            FeedbackLine[] good = [.. all.Where(line => !wrong.ContainsKey(line))];
            if (good.Length > 0)
            {
                string?[] labels = new string?[good.Max(line => line.Row + 1 ?? line.Labels.Count)];
                foreach ((int row, string? label) in good.SelectMany(line => line.Rows))
                {
                    labels[row] ??= label;
                }

                entries.Add(([.. good.Select(line => line.Line)],
                    new FeedbackEntry(prediction.Key, labels, good.Any(line => line.Row is null), good.Length)));
            }
        }

        return new FeedbackBatch(entries, [.. violations.OrderBy(violation => violation.Line)]);
    }

    private static Dictionary<FeedbackLine, string> Contradictions(FeedbackLine[] lines)
    {
        Dictionary<FeedbackLine, string> wrong = [];
        Dictionary<int, (FeedbackLine Line, string Label)> said = [];
        FeedbackLine? counted = null;
        foreach (FeedbackLine line in lines)
        {
            foreach ((int row, string? label) in line.Rows.Where(one => one.Label is not null))
            {
                if (!said.TryAdd(row, (line, label!)) && said[row] is var (before, other) && other != label)
                {
                    Reject(line, before, string.Create(CultureInfo.InvariantCulture,
                        $"row {row} is '{label}' in line {line.Line}, and '{other}' in line {before.Line}. ")
                        + "If the request has several rows, give the row in each line ('row', from 0), or all labels in a list.");
                }
            }

            if (line.Count is { } count)
            {
                counted ??= line;
                if (counted.Count != count)
                {
                    Reject(line, counted, string.Create(
                        CultureInfo.InvariantCulture,
                        $"line {line.Line} has {count} labels, and line {counted.Line} has {counted.Count}."));
                }
            }
        }

        foreach (FeedbackLine line in lines.Where(line => line.Row >= counted?.Count))
        {
            Reject(line, counted!, string.Create(
                CultureInfo.InvariantCulture,
                $"row {line.Row} of line {line.Line} is not among the {counted!.Count} rows of line {counted.Line}."));
        }

        return wrong;

        void Reject(FeedbackLine line, FeedbackLine other, string why)
        {
            wrong.TryAdd(line, $"The line contradicts line {other.Line}: {why}");
            wrong.TryAdd(other, $"The line contradicts line {line.Line}: {why}");
        }
    }
}
