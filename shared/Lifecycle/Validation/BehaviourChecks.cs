using System.Globalization;
using Modeldrop.Probe;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>Judges a model's behaviour beyond its answers.</summary>
/// <remarks>
/// Random answers, and answers that depend on the other rows of a batch, are legitimate properties of some graphs: they are noted, and
/// recorded because scoring needs to know them. Answers that change when requests run at the same time are a defect, and so is a NaN for an
/// ordinary row. An odd input may be refused or answered with NaN. An input that crashes or blocks the process has ended the validation
/// before these checks.
/// </remarks>
public static class BehaviourChecks
{
    private const int MaxDetails = 20;

    public static IReadOnlyList<ValidationCheck> Of(ScoreFigures figures) =>
        [
            Determinism(figures),
            Threads(figures),
            Batches(figures),
            Serving(figures),
            NaNs(figures),
            OddInputs(figures),
            .. Categories(figures.UnknownTexts),
        ];

    private static ValidationCheck Determinism(ScoreFigures figures) => figures.IsDeterministic switch
    {
        true => new ValidationCheck("determinism", CheckVerdict.Passed,
            "Runs on the same rows, at different memory addresses, gave the same bits."),
        false => new ValidationCheck("determinism", CheckVerdict.Noted,
            "Runs on the same rows gave different bits: predictions of this version cannot be replayed exactly."),
        null => new ValidationCheck("determinism", CheckVerdict.Skipped, "There are no rows to score twice."),
    };

    private static ValidationCheck Threads(ScoreFigures figures) => figures switch
    {
        { IsDeterministicOverThreads: null } or { IsDeterministic: not true } =>
            new ValidationCheck(
                "threads", CheckVerdict.Skipped, "Only a deterministic model with rows to score can be compared across threads."),
        { IsDeterministicOverThreads: true } => new ValidationCheck(
            "threads", CheckVerdict.Passed, "Concurrent runs on four threads gave the same bits."),
        _ => new ValidationCheck(
            "threads", CheckVerdict.Failed,
            "Concurrent runs on four threads gave different bits than a run alone: requests would disturb each other."),
    };

    private static ValidationCheck Batches(ScoreFigures figures) => figures.IsBatchInvariant switch
    {
        true => new ValidationCheck(
            "batch_invariance", CheckVerdict.Passed,
            "Rows get the same bits alone and in batches of 2 to 64: requests may be scored together."),
        false => new ValidationCheck(
            "batch_invariance", CheckVerdict.Noted, "Rows get different bits in a batch than alone: requests are never scored together."),
        null => new ValidationCheck("batch_invariance", CheckVerdict.Skipped,
            "There are no two rows to score together, the model takes one at a time, or it is too slow to prove it: requests are never "
                + "scored together."),
    };

    private static ValidationCheck Serving(ScoreFigures figures) => figures.IsServedAsAlone switch
    {
        true => new ValidationCheck("serving", CheckVerdict.Passed,
            "Requests get the bits that ONNX Runtime gives alone, in every way that they are served."),
        false => new ValidationCheck("serving", CheckVerdict.Failed,
            "Requests get different bits than ONNX Runtime gives alone. "
            + "This is a fault of the server, not of the model: report it with the model's graph."),
        null => new ValidationCheck("serving", CheckVerdict.Skipped,
            "The model takes no rows to compare, or its runs are not deterministic."),
    };

    private static ValidationCheck NaNs(ScoreFigures figures) => figures.Rows == 0
        ? new ValidationCheck("numbers", CheckVerdict.Skipped, "There are no rows to answer.")
        : figures.NaNRows == 0
            ? new ValidationCheck("numbers", CheckVerdict.Passed, "No row without NaN gets NaN as an answer.", 0, 0)
            : new ValidationCheck(
                "numbers", CheckVerdict.Failed,
                string.Create(
                    CultureInfo.InvariantCulture, $"{figures.NaNRows:N0} of {figures.Rows:N0} rows have no NaN but get NaN as an answer."),
                figures.NaNRows, 0);

    private static ValidationCheck OddInputs(ScoreFigures figures)
    {
        if (figures.OddInputs.Count == 0)
        {
            return new ValidationCheck("odd_inputs", CheckVerdict.Skipped, "There is no row to make odd inputs from.");
        }

        OddInput[] refused = [.. figures.OddInputs.Where(odd => odd.Failure is not null)];
        OddInput[] unknown = [.. figures.OddInputs.Where(odd => odd.IsNaN)];
        string[] details = [
            .. refused.Select(odd => $"When {odd.Input}: {odd.Failure}"), .. unknown.Select(odd => $"When {odd.Input}: the answer is NaN.")
        ];
        return new ValidationCheck("odd_inputs", CheckVerdict.Passed,
            $"Of {figures.OddInputs.Count} odd inputs, {figures.OddInputs.Count - refused.Length - unknown.Length} are answered, "
                + $"{unknown.Length} with NaN, {refused.Length} are refused with an error; none harms the process.",
            Details: [.. details.Take(MaxDetails)]);
    }

    private static IEnumerable<ValidationCheck> Categories(IReadOnlyList<UnknownTexts>? unknown) => unknown switch
    {
        null => [],
        [] => [new ValidationCheck("categories", CheckVerdict.Passed, "The encoders of the graph know the texts of the reference data.")],
        _ =>
        [
            new ValidationCheck("categories", CheckVerdict.Noted,
                "Warning: more than 1 % of a column's texts in the reference data are not in the encoders of the graph: the model treats "
                    + "them as unknown. Compare their spelling with the training data.",
                unknown.Max(column => (double)column.Unknown / column.Values),
                UnknownTexts.MaxShare,
                [.. unknown.Take(MaxDetails).Select(Describe)]),
        ],
    };

    private static string Describe(UnknownTexts column)
    {
        IEnumerable<string> examples =
            column.Examples.Select(text => Counted(text.Value.Length == 0 ? "missing" : $"'{text.Value}'", text.Count));
        string counts = FormattableString.Invariant($"{column.Unknown:N0} of {column.Values:N0} values are unknown");
        return $"Column '{column.Column}': {counts}: {string.Join(", ", examples)}.";
    }

    private static string Counted(string text, int count) => string.Create(CultureInfo.InvariantCulture, $"{text} ({count:N0})");
}
