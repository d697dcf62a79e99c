using System.Globalization;

namespace Modeldrop.Metrics;

/// <summary>Collects the metrics of one model while they are computed.</summary>
internal sealed class MetricSheet(int rows)
{
    private const int MaxExamples = 5;

    public MetricSample Sample { get; } = new(rows);

    /// <summary>For a classifier with probabilities: the rows whose label is one of its classes.</summary>
    public ClassifiedRows? Classified { get; set; }

    /// <summary>For a regression: its rows.</summary>
    public RegressedRows? Regressed { get; set; }

    /// <summary>For a classifier with mutually exclusive classes: rows by label, the model's classes first.</summary>
    public IReadOnlyDictionary<string, long>? Labels { get; set; }

    /// <summary>For a classifier with few classes that answers with one.</summary>
    public ConfusionMatrix? Confusion { get; set; }

    public SortedDictionary<string, double> Values { get; } = new(StringComparer.Ordinal);

    public List<string> Notes { get; } = [];

    public void Add(string name, double? value, string reason = "the model answered NaN")
    {
        if (value is { } known && !double.IsNaN(known))
        {
            Values[name] = known;
        }
        else
        {
            Notes.Add($"{name} is not defined here: {reason}.");
        }
    }

    /// <summary>Notes labels that could not be used; adds nothing when there are none.</summary>
    /// <param name="consequence">Text after the labels.</param>
    public void NoteLabels(string what, IReadOnlyList<string> labels, string consequence)
    {
        if (labels.Count > 0)
        {
            string examples = string.Join(", ", labels.Distinct(StringComparer.Ordinal).Take(MaxExamples).Select(label => $"'{label}'"));
            Notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{labels.Count:N0} rows have a label that {what} ({examples}); {consequence}"));
        }
    }
}
