namespace Modeldrop.Metrics.Estimation;

/// <summary>A node of a <see cref="LossTree"/>.</summary>
/// <param name="Feature">Feature to split by; negative: a leaf.</param>
/// <param name="Bin">Rows at or below this bin go left.</param>
/// <param name="Left">Index of the node; 0 for a leaf.</param>
/// <param name="Size">For a leaf: the mean of |y − ŷ|.</param>
/// <param name="Square">For a leaf: the mean of (y − ŷ)².</param>
public sealed record LossNode(int Feature, int Bin, int Left, int Right, double Size, double Square);

/// <summary>A regression tree over binned features that predicts the size of a model's error.</summary>
/// <remarks>
/// CART with squared loss on |y − ŷ| (Breiman, Friedman, Olshen and Stone, Classification and Regression Trees, 1984), as scikit-learn's
/// <c>DecisionTreeRegressor(max_depth=4, min_samples_leaf=…)</c> on the numbers of the bins. The first node is the root.
/// </remarks>
/// <param name="Nodes">A node comes before its children.</param>
public sealed record LossTree(IReadOnlyList<LossNode> Nodes)
{
    private const int MaxDepth = 4;

    /// <summary>The leaf of a row.</summary>
    public LossNode Find(ReadOnlySpan<byte> bins)
    {
        LossNode node = Nodes[0];
        while (node.Feature >= 0)
        {
            node = Nodes[bins[node.Feature] <= node.Bin ? node.Left : node.Right];
        }

        return node;
    }

    /// <param name="bins">By feature, the bin of each row.</param>
    /// <param name="sizes">Size of the error of each row.</param>
    /// <param name="rows">Row indexes, some more than once.</param>
    /// <param name="leastRows">Minimum rows of a leaf.</param>
    internal static LossTree Grow(byte[][] bins, double[] sizes, int[] rows, int leastRows)
    {
        List<LossNode> nodes = [];
        Grow(nodes, bins, sizes, rows, leastRows, 0);
        return new LossTree(nodes);
    }

    private static int Grow(List<LossNode> nodes, byte[][] bins, double[] sizes, int[] rows, int leastRows, int depth)
    {
        int place = nodes.Count;
        nodes.Add(new LossNode(-1, 0, 0, 0, rows.Average(row => sizes[row]), rows.Average(row => sizes[row] * sizes[row])));
        if (depth < MaxDepth && BestSplit(bins, sizes, rows, leastRows) is var (feature, bin))
        {
            int left = Grow(nodes, bins, sizes, [.. rows.Where(row => bins[feature][row] <= bin)], leastRows, depth + 1);
            int right = Grow(nodes, bins, sizes, [.. rows.Where(row => bins[feature][row] > bin)], leastRows, depth + 1);
            nodes[place] = nodes[place] with { Feature = feature, Bin = bin, Left = left, Right = right };
        }

        return place;
    }

    /// <summary>The split that explains the most variance; null when none explains any.</summary>
    private static (int Feature, int Bin)? BestSplit(byte[][] bins, double[] sizes, int[] rows, int leastRows)
    {
        double all = rows.Sum(row => sizes[row]);
        double most = (all * all / rows.Length) + 1e-12;
        (int Feature, int Bin)? best = null;
        var counts = new int[byte.MaxValue + 1];
        var sums = new double[byte.MaxValue + 1];
        for (int feature = 0; feature < bins.Length; feature++)
        {
            Array.Clear(counts);
            Array.Clear(sums);
            foreach (int row in rows)
            {
                counts[bins[feature][row]]++;
                sums[bins[feature][row]] += sizes[row];
            }

            int left = 0;
            double leftSum = 0;
            for (int bin = 0; bin < byte.MaxValue; bin++)
            {
                left += counts[bin];
                leftSum += sums[bin];
                int right = rows.Length - left;
                if (counts[bin] == 0 || left < leastRows || right < leastRows)
                {
                    continue;
                }

                double explained = (leftSum * leftSum / left) + ((all - leftSum) * (all - leftSum) / right);
                if (explained > most * (1 + 1e-12))
                {
                    (most, best) = (explained, (feature, bin));
                }
            }
        }

        return best;
    }
}
