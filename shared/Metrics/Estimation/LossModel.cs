using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Modeldrop.Storage;
using Modeldrop.Tensors;

namespace Modeldrop.Metrics.Estimation;

/// <summary>One element of an input, or the answer, divided into bins.</summary>
/// <param name="Input">Tensor name; null: the answer.</param>
/// <param name="Edges">For numbers: a bin begins just above its edge; bin 0 is for NaN. Null: texts.</param>
/// <param name="Texts">
/// Bins of the texts with enough rows, in the order of their errors; other texts are in <paramref name="Other"/>.
/// </param>
public sealed record LossFeature(
    string? Input, int Element, IReadOnlyList<double>? Edges, IReadOnlyDictionary<string, int>? Texts, int Other);

/// <summary>
/// Predicts the size of a regression's errors from its inputs and its answer. Fitted on its validation data and sealed with it.
/// </summary>
/// <remarks>
/// Direct loss estimation: a second model learns the size of the errors. Its mean over a window is the expected error there, as long as
/// similar rows are answered as well as before (no concept drift). Source: the idea of NannyML's DLE. The trees are fitted on rows drawn
/// with replacement (Breiman, Bagging predictors, 1996); their spread over a window gives the uncertainty of the mean. <see cref="Skill"/>
/// is out of bag: each row is predicted by the trees that were not fitted on it.
/// </remarks>
public sealed record LossModel
{
    /// <summary>Name of the version's document.</summary>
    public const string FileName = "loss.json";

    /// <summary>Minimum number of labelled rows for a fit.</summary>
    public const int LeastRows = 300;

    /// <summary>Minimum share of the errors' variance that the inputs must explain.</summary>
    public const double LeastSkill = 0.01;

    private const int Trees = 30;
    private const int MaxRows = 20_000;
    private const int MaxFeatures = 50;
    private const int MaxBins = 32;
    private const int LeastOfAText = 20;
    private const int LeastOfALeaf = 25;

    public int Format { get; init; } = 1;

    public required int Rows { get; init; }

    public required IReadOnlyList<LossFeature> Features { get; init; }

    public required IReadOnlyList<LossTree> Fits { get; init; }

    /// <summary>1 − out-of-bag squared error of the sizes / their variance; negative: worse than the mean size.</summary>
    public required double Skill { get; init; }

    /// <summary>Root of the out-of-bag squared error of the sizes.</summary>
    public required double SizeDeviation { get; init; }

    /// <summary>Root of the out-of-bag squared error of the squares.</summary>
    public required double SquareDeviation { get; init; }

    /// <summary>Smallest answer at validation.</summary>
    public required double LeastAnswer { get; init; }

    public required double GreatestAnswer { get; init; }

    /// <summary>Whether the inputs explain the errors well enough for an estimate.</summary>
    public bool HasSkill => Skill >= LeastSkill;

    /// <returns>Null with fewer than <see cref="LeastRows"/> rows, or when an answer is NaN.</returns>
    /// <param name="rows">Labelled rows.</param>
    /// <param name="inputs">Inputs of all rows.</param>
    internal static LossModel? Fit(RegressedRows rows, IReadOnlyList<Tensor> inputs, string seed)
    {
        double[] sizes = [.. rows.Truth.Zip(rows.Predicted, (truth, answer) => Math.Abs(truth - answer))];
        if (sizes.Length < LeastRows || Array.Exists(sizes, size => !double.IsFinite(size)))
        {
            return null;
        }

        // Evenly spaced over the file.
        int step = (sizes.Length + MaxRows - 1) / MaxRows;
        int[] taken = [.. Enumerable.Range(0, sizes.Length).Where(row => row % step == 0)];
        double[] ofTaken = [.. taken.Select(row => sizes[row])];
        double[] answers = [.. taken.Select(row => rows.Predicted[row])];
        int[] places = [.. taken.Select(row => rows.Which?[row] ?? row)];
        LossFeature[] features = [Numbers(null, 0, answers), .. inputs.Where(input => input.Shape.Length > 0).SelectMany(
            input => FeaturesOf(input, places, ofTaken)).Take(MaxFeatures - 1)];
        var bins = new byte[features.Length][];
        for (int index = 0; index < features.Length; index++)
        {
            Tensor? input = features[index].Input is { } name ? inputs.First(one => one.Name == name) : null;
            bins[index] = [.. Enumerable.Range(0, places.Length).Select(row => BinOf(features[index], input, places[row], answers[row]))];
        }

        var random = new Random(unchecked((int)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(seed))));
        var fits = new LossTree[Trees];
        var sums = new (double Size, double Square, int Trees)[places.Length];
        for (int fit = 0; fit < Trees; fit++)
        {
            int[] drawn = [.. places.Select(_ => random.Next(places.Length))];
            fits[fit] = LossTree.Grow(bins, ofTaken, drawn, LeastOfALeaf);
            AddOutOfBag(fits[fit], bins, drawn, sums);
        }

        (int Row, double Size, double Square)[] unseen = [.. sums.Index().Where(one => one.Item.Trees > 0)
            .Select(one => (one.Index, one.Item.Size / one.Item.Trees, one.Item.Square / one.Item.Trees))];
        double mean = ofTaken.Average();
        double error = unseen.Average(one => Square(ofTaken[one.Row] - one.Size));
        return new LossModel
        {
            Rows = sizes.Length,
            Features = features,
            Fits = fits,
            Skill = 1 - (error / Math.Max(1e-300, ofTaken.Average(size => Square(size - mean)))),
            SizeDeviation = Math.Sqrt(error),
            SquareDeviation = Math.Sqrt(unseen.Average(one => Square((ofTaken[one.Row] * ofTaken[one.Row]) - one.Square))),
            LeastAnswer = rows.Predicted.Min(),
            GreatestAnswer = rows.Predicted.Max(),
        };
    }

    public byte[] ToDocument() => JsonSerializer.SerializeToUtf8Bytes(this, StoredJson.Options);

    public static LossModel Parse(byte[] document) =>
        JsonSerializer.Deserialize<LossModel>(document, StoredJson.Options) ?? throw new InvalidDataException($"'{FileName}' is empty.");

    /// <summary>Adds the expected losses of rows.</summary>
    /// <returns>False when an input is missing, or has a different width.</returns>
    internal bool AddTo(LossSums sums, IReadOnlyList<Tensor> inputs, double[] answers, Func<int, bool> isLabelled)
    {
        Tensor?[] tensors = [.. Features.Select(feature => feature.Input is null
            ? null
            : inputs.FirstOrDefault(input =>
                input.Name == feature.Input && input.Shape.Length > 0 && input.Shape[0] == answers.Length
                && feature.Element < ModelMetrics.WidthOf(input)))];
        if (Features.Zip(tensors).Any(pair => pair.First.Input is not null && pair.Second is null))
        {
            return false;
        }

        Span<byte> bins = stackalloc byte[Features.Count];
        for (int row = 0; row < answers.Length; row++)
        {
            for (int index = 0; index < bins.Length; index++)
            {
                bins[index] = BinOf(Features[index], tensors[index], row, answers[row]);
            }

            bool hasLabel = isLabelled(row);
            sums.Add(hasLabel, answers[row] < LeastAnswer || answers[row] > GreatestAnswer);
            for (int fit = 0; fit < Fits.Count; fit++)
            {
                LossNode leaf = Fits[fit].Find(bins);
                sums.Add(fit, leaf, hasLabel);
            }
        }

        return true;
    }

    private static IEnumerable<LossFeature> FeaturesOf(Tensor input, int[] places, double[] sizes)
    {
        int width = ModelMetrics.WidthOf(input);
        for (int element = 0; element < width; element++)
        {
            int at = element;
            yield return input.Datatype == Datatype.Bytes
                ? Texts(input.Name, element, [.. places.Select(row => input.Strings![(row * width) + at])], sizes)
                : Numbers(input.Name, element, [.. places.Select(row => TensorValues.Number(input, (row * width) + at))]);
        }
    }

    private static LossFeature Numbers(string? input, int element, double[] values)
    {
        double[] sorted = [.. values.Where(value => !double.IsNaN(value))];
        Array.Sort(sorted);
        return new LossFeature(input, element, sorted.Length == 0 ? [] : [.. Enumerable.Range(1, MaxBins - 1)
            .Select(part => sorted[(int)((long)part * (sorted.Length - 1) / MaxBins)]).Distinct()], null, 0);
    }

    private static LossFeature Texts(string input, int element, string[] values, double[] sizes)
    {
        double mean = sizes.Average();
        (string? Text, double Size)[] known = [.. values.Zip(sizes).GroupBy(pair => pair.First, StringComparer.Ordinal)
            .Where(text => text.Count() >= LeastOfAText).OrderByDescending(text => text.Count()).Take(byte.MaxValue - 1)
            .Select(text => ((string?)text.Key, text.Average(pair => pair.Second)))];
        string?[] ordered = [.. known.Append((null, mean)).OrderBy(one => one.Item2).ThenBy(one => one.Item1, StringComparer.Ordinal)
            .Select(one => one.Item1)];
        return new LossFeature(input, element, null, ordered.Index().Where(one => one.Item is not null)
            .ToDictionary(one => one.Item!, one => one.Index, StringComparer.Ordinal), Array.IndexOf(ordered, null));
    }

    private static byte BinOf(LossFeature feature, Tensor? input, int row, double answer)
    {
        int at = input is null ? 0 : (row * ModelMetrics.WidthOf(input)) + feature.Element;
        if (feature.Texts is { } texts)
        {
            return (byte)(input!.Strings is { } strings ? texts.GetValueOrDefault(strings[at], feature.Other) : feature.Other);
        }

        double value = input is null ? answer : input.Datatype == Datatype.Bytes ? double.NaN : TensorValues.Number(input, at);
        if (double.IsNaN(value))
        {
            return 0;
        }

        IReadOnlyList<double> edges = feature.Edges!;
        (int low, int high) = (0, edges.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = value > edges[middle] ? (middle + 1, high) : (low, middle);
        }

        return (byte)(low + 1);
    }

    private static void AddOutOfBag(LossTree fit, byte[][] bins, int[] drawn, (double Size, double Square, int Trees)[] sums)
    {
        var isIn = new bool[sums.Length];
        foreach (int row in drawn)
        {
            isIn[row] = true;
        }

        Span<byte> ofRow = stackalloc byte[bins.Length];
        for (int row = 0; row < sums.Length; row++)
        {
            if (isIn[row])
            {
                continue;
            }

            for (int index = 0; index < ofRow.Length; index++)
            {
                ofRow[index] = bins[index][row];
            }

            LossNode leaf = fit.Find(ofRow);
            sums[row] = (sums[row].Size + leaf.Size, sums[row].Square + leaf.Square, sums[row].Trees + 1);
        }
    }

    private static double Square(double value) => value * value;
}
