namespace Modeldrop.Metrics.TwoSample;

/// <summary>
/// A small classifier: gradient boosting of shallow trees on binned features, with logistic loss. The same rows give the same trees.
/// </summary>
/// <remarks>
/// Source: Friedman, Greedy function approximation: a gradient boosting machine (2001); second-order gains as in Chen and Guestrin, XGBoost
/// (2016).
/// </remarks>
internal sealed class BoostedTrees
{
    private const int Bins = 32;
    private const int Trees = 60;
    private const int Depth = 3;
    private const double Rate = 0.15;
    private const double Ridge = 1;
    private const double MinWeight = 5;

    private readonly double[][] _edges;
    private readonly List<Node[]> _trees = [];

    private BoostedTrees(double[][] edges) => _edges = edges;

    /// <param name="columns">By feature, then by row; NaN sorts below all numbers.</param>
    /// <param name="labels">0 or 1, by row.</param>
    public static BoostedTrees Fit(double[][] columns, byte[] labels)
    {
        var model = new BoostedTrees([.. columns.Select(EdgesOf)]);
        byte[][] codes = model.CodesOf(columns);
        double[] scores = new double[labels.Length];
        double[] gradients = new double[labels.Length];
        double[] weights = new double[labels.Length];
        for (int tree = 0; tree < Trees; tree++)
        {
            for (int row = 0; row < labels.Length; row++)
            {
                double chance = 1 / (1 + Math.Exp(-scores[row]));
                gradients[row] = labels[row] - chance;
                weights[row] = chance * (1 - chance);
            }

            Node[] nodes = Grow(codes, gradients, weights);
            model._trees.Add(nodes);
            for (int row = 0; row < labels.Length; row++)
            {
                scores[row] += ValueOf(nodes, codes, row);
            }
        }

        return model;
    }

    /// <summary>Log odds of the label 1, by row.</summary>
    public double[] Score(double[][] columns)
    {
        byte[][] codes = CodesOf(columns);
        double[] scores = new double[columns.Length == 0 ? 0 : columns[0].Length];
        foreach (Node[] tree in _trees)
        {
            for (int row = 0; row < scores.Length; row++)
            {
                scores[row] += ValueOf(tree, codes, row);
            }
        }

        return scores;
    }

    private static double[] EdgesOf(double[] values)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        var edges = new SortedSet<double>();
        for (int bin = 1; bin < Bins - 1 && sorted.Length > 0; bin++)
        {
            edges.Add(sorted[(int)((long)bin * sorted.Length / (Bins - 1))]);
        }

        return [.. edges];
    }

    private byte[][] CodesOf(double[][] columns) =>
        [.. columns.Select((values, feature) =>
            values.Select(value => double.IsNaN(value) ? (byte)0 : (byte)(1 + CountAtMost(_edges[feature], value))).ToArray())];

    private static int CountAtMost(double[] edges, double value)
    {
        int found = Array.BinarySearch(edges, value);
        return found >= 0 ? found + 1 : ~found;
    }

    private static Node[] Grow(byte[][] codes, double[] gradients, double[] weights)
    {
        var nodes = new Node[(1 << (Depth + 1)) - 1];
        int[] at = new int[gradients.Length];
        for (int depth = 0; depth <= Depth; depth++)
        {
            int first = (1 << depth) - 1;
            for (int node = first; node < (2 * first) + 1; node++)
            {
                int[] rows = [.. Enumerable.Range(0, at.Length).Where(row => at[row] == node)];
                nodes[node] = Split(codes, gradients, weights, rows, canSplit: depth < Depth);
                foreach (int row in nodes[node].Feature < 0 ? [] : rows)
                {
                    at[row] = (2 * node) + (codes[nodes[node].Feature][row] <= nodes[node].Code ? 1 : 2);
                }
            }
        }

        return nodes;
    }

    private static Node Split(byte[][] codes, double[] gradients, double[] weights, int[] rows, bool canSplit)
    {
        double gradient = rows.Sum(row => gradients[row]);
        double weight = rows.Sum(row => weights[row]);
        var best = new Node(-1, 0, Rate * gradient / (weight + Ridge));
        double most = 1e-9;
        Span<double> gradientByBin = stackalloc double[Bins + 1];
        Span<double> weightByBin = stackalloc double[Bins + 1];
        for (int feature = 0; canSplit && feature < codes.Length; feature++)
        {
            gradientByBin.Clear();
            weightByBin.Clear();
            byte[] code = codes[feature];
            foreach (int row in rows)
            {
                gradientByBin[code[row]] += gradients[row];
                weightByBin[code[row]] += weights[row];
            }

            double left = 0;
            double leftWeight = 0;
            for (int bin = 0; bin < Bins; bin++)
            {
                left += gradientByBin[bin];
                leftWeight += weightByBin[bin];
                double gain = (left * left / (leftWeight + Ridge))
                    + ((gradient - left) * (gradient - left) / (weight - leftWeight + Ridge)) - (gradient * gradient / (weight + Ridge));
                if (leftWeight >= MinWeight && weight - leftWeight >= MinWeight && gain > most)
                {
                    most = gain;
                    best = best with { Feature = feature, Code = (byte)bin };
                }
            }
        }

        return best;
    }

    private static double ValueOf(Node[] nodes, byte[][] codes, int row)
    {
        int node = 0;
        while (nodes[node].Feature >= 0)
        {
            node = (2 * node) + (codes[nodes[node].Feature][row] <= nodes[node].Code ? 1 : 2);
        }

        return nodes[node].Value;
    }

    /// <param name="Feature">-1: a leaf.</param>
    /// <param name="Code">Rows at or below this code go left.</param>
    private readonly record struct Node(int Feature, byte Code, double Value);
}
