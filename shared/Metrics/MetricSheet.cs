using System.Globalization;

namespace Modeldrop.Metrics;

/// <summary>Where the metrics of one model are written down while they are computed.</summary>
internal sealed class MetricSheet(int rows)
{
    private const int MaxExamples = 5;

    public MetricSample Sample { get; } = new(rows);

    /// <summary>Of a classifier with probabilities, the rows that have a class of it.</summary>
    public ClassifiedRows? Classified { get; set; }

    /// <summary>Of a regression.</summary>
    public RegressedRows? Regressed { get; set; }

    /// <summary>Of a classifier whose classes exclude each other: rows by label, the classes of the model first.</summary>
    public IReadOnlyDictionary<string, long>? Labels { get; set; }

    /// <summary>Of a classifier of few classes that answers with one.</summary>
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

    /// <summary>Names labels that could not be taken; nothing when there are none.</summary>
    /// <param name="consequence">Follows the labels.</param>
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
