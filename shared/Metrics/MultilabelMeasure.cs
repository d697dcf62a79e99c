using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Metrics;

/// <summary>Measures a model whose labels are not mutually exclusive, as scikit-learn does with a matrix of 0 and 1.</summary>
/// <remarks>
/// <c>accuracy</c> is the share of rows with every label right (<c>accuracy_score</c>, subset accuracy). Each other metric is computed for
/// each label as a two-class problem, <c>f1/&lt;label&gt;</c>, and as the unweighted mean over the labels under its own name
/// (<c>average="macro"</c>), which is absent when it is undefined for one of the labels. A row with some labels missing counts for the
/// labels that it has. Without an output of labels, a label applies when its probability is above 0.5.
/// </remarks>
internal static class MultilabelMeasure
{
    public static LabelState StateOf(string label, int width)
    {
        string?[] parts = LabelText.Split(label);
        return parts.Length != width || parts.Any(part => part is not null && LabelText.Integer(part) is not ("0" or "1"))
            ? LabelState.Unreadable
            : Array.TrueForAll(parts, part => part is null) ? LabelState.Missing
            : LabelState.Class;
    }

    public static void Measure(
        MetricSheet sheet, PredictionRule rule, Tensor output, Tensor? named, IReadOnlyList<string?> labels, int[] rows)
    {
        int width = ModelMetrics.WidthOf(output);
        IReadOnlyList<string> names = rule.LabelsOf(width);
        bool?[][] truth = [.. rows.Select(row => FlagsOf(labels[row]!))];
        double[]? scores = rule.Kind == PredictionKind.Label ? null : ClassScores.Read(rule, output, width, rows);
        bool[][] predicted = [.. rows.Select(
            (row, index) => Enumerable.Range(0, width).Select(label => IsPredicted(named, scores, width, row, index, label)).ToArray())];
        int wrong = scores is null ? 0 : ClassifierMeasure.CountNoProbabilities(rule, output, scores, width);
        sheet.Notes.Add($"The labels are {string.Join(", ", names.Take(20).Select(name => $"'{name}'"))}{(width > 20 ? ", …" : "")}.");
        if (wrong > 0)
        {
            sheet.Notes.Add($"'{rule.Output}' has scores outside 0 … 1, which are not probabilities, in {wrong} of {rows.Length} rows. "
                + "Log loss, Brier and calibration are not computed; if they are logits, set \"prediction\": {\"scores\": \"logits\"}.");
        }

        int[] whole = [.. Enumerable.Range(0, rows.Length).Where(index => Array.TrueForAll(truth[index], flag => flag is not null))];
        bool isAnswered = wrong == 0 || named is not null;
        if (isAnswered)
        {
            bool[] right = [.. whole.Select(
                index => truth[index].Zip(predicted[index], (one, answer) => one == answer).All(same => same))];
            sheet.Sample.Among(whole).AddShare(MetricNames.Accuracy, right);
            sheet.Add(MetricNames.Accuracy, right.Length == 0 ? null
                : right.Average(one => one ? 1.0 : 0.0), "no row has all of its labels");
        }
        else
        {
            sheet.Notes.Add("Accuracy, precision, recall and F1 are not computed: scores that are not probabilities have no labels.");
        }

        MetricSample[] samples = [.. names.Select((_, label) => OfLabel(label))];
        int[] once = [.. Enumerable.Repeat(1, rows.Length)];
        foreach (string metric in samples[0].Names)
        {
            double?[] each = [.. samples.Select(sample => sample.Compute(metric, once))];
            foreach ((string name, double? value) in names.Zip(each).Where(pair => pair.Second is not null))
            {
                sheet.Values[$"{metric}/{name}"] = value!.Value;
            }

            if (metric != MetricNames.Accuracy)
            {
                sheet.Sample.AddMacro(metric, samples);
                string[] without = [.. names.Where((_, label) => each[label] is null)];
                sheet.Add(metric, without.Length == 0 ? each.Average()
                    : null, $"it is not defined for {string.Join(", ", without.Take(5).Select(name => $"'{name}'"))}");
            }
        }

        MetricSample OfLabel(int label)
        {
            int[] known = [.. Enumerable.Range(0, rows.Length).Where(index => truth[index][label] is not null)];
            bool[] isTrue = [.. known.Select(index => truth[index][label]!.Value)];
            int[] ones = [.. isTrue.Select(one => one ? 1 : 0)];
            var all = new MetricSample(rows.Length);
            MetricSample sample = all.Among(known);
            if (isAnswered)
            {
                int[] answers = [.. known.Select(index => predicted[index][label] ? 1 : 0)];
                sample.AddShare(MetricNames.Accuracy, [.. ones.Zip(answers, (one, answer) => one == answer)]);
                sample.AddPrecisionRecall(ones, answers, 2, 1);
            }

            if (scores is not null)
            {
                double[] positive = [.. known.Select(index => scores[(index * width) + label])];
                sample.AddRocAuc([(isTrue, positive)]);
                if (wrong == 0)
                {
                    sample.AddMean(MetricNames.LogLoss,
                        ClassificationMetrics.LogLosses(ones, [.. positive.SelectMany(score => new[] { 1 - score, score })], 2));
                    sample.AddMean(MetricNames.Brier, [.. positive.Zip(ones, (score, one) => (score - one) * (score - one))]);
                    sample.AddCalibrationError(isTrue, positive);
                }
            }

            return all;
        }
    }

    /// <summary>The row's answer in the form of a label: <c>[1,0,1]</c>.</summary>
    public static string AnswerOf(Tensor? named, double[]? scores, int width, int row, int index) =>
        LabelText.Join(Enumerable.Range(0, width).Select(label => IsPredicted(named, scores, width, row, index, label) ? "1" : "0"));

    /// <summary>Whether an answer equals a label; null when the label is only known in part.</summary>
    public static bool? IsRight(string answer, string label)
    {
        bool?[] flags = FlagsOf(answer);
        bool?[] truth = FlagsOf(label);
        return StateOf(label, flags.Length) != LabelState.Class || Array.Exists(truth, flag => flag is null) ? null
            : flags.SequenceEqual(truth);
    }

    /// <summary>Whether each label applies; null: unknown.</summary>
    public static bool?[] FlagsOf(string label) =>
        [.. LabelText.Split(label).Select(part => part is null ? (bool?)null : LabelText.Integer(part) == "1")];

    private static bool IsPredicted(Tensor? named, double[]? scores, int width, int row, int index, int label) =>
        named is not null ? TensorValues.Number(named, (row * width) + label) != 0 : scores![(index * width) + label] > 0.5;
}
