using System.Text;
using Modeldrop.Predictions;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Counts columns of elements in the bins of one feature. Immutable, so several threads may use it.</summary>
internal sealed class FeatureCounter
{
    private const int Block = 512;

    /// <summary>
    /// Limit in quanta (2^17 ranges of the reference) at which values are clipped before they are summed, so that no sum overflows.
    /// </summary>
    private const double MaxQuanta = 1L << 47;

    private readonly ReferenceFeature _reference;
    private readonly double[] _edges;
    private readonly double _perQuantum;
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> _integers = [];
    private readonly HashSet<uint>? _known;

    public FeatureCounter(ReferenceFeature reference)
    {
        _reference = reference;
        _edges = reference.Edges ?? [];
        _perQuantum = 1 / reference.Quantum;
        if (reference.Kind == FeatureKind.Category)
        {
            foreach ((int index, string value) in reference.Values!.Index())
            {
                _texts[value] = index;
                if (reference.IsInteger)
                {
                    _integers[Elements.FromText(value)] = index;
                }
            }

            _known = reference.Known is null ? null : [.. TextHash.Unpack(reference.Known)];
        }
    }

    /// <summary>Counts some records of a pack.</summary>
    /// <param name="element">The first element of the first row.</param>
    /// <param name="count">The number of elements in all rows.</param>
    public void Count(TensorColumn column, int element, int count, FeatureCounts counts)
    {
        if (!Fits(column.Datatype))
        {
            counts.Missing += Rows(count);
            return;
        }

        (int start, int stride, int values) = Stride(element, count);
        if (column.Datatype != Datatype.Bytes)
        {
            CountNumbers(column.Datatype, column.Values, start, stride, values, counts);
            return;
        }

        var lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> buffer = stackalloc char[ReferenceProfiler.MaxValueLength];
        for (int index = 0; index < values; index++)
        {
            ReadOnlySpan<byte> text = column.TextAt(start + (index * stride));
            if (text.IsEmpty)
            {
                counts.Missing++;
            }
            else
            {
                // Longer texts are in no list.
                bool isListed = Encoding.UTF8.TryGetChars(text, buffer, out int length) & lookup.TryGetValue(buffer[..length], out int bin);
                counts.Bins[isListed ? bin : OtherBin(_known is null ? 0 : TextHash.Of(text))]++;
            }
        }
    }

    /// <summary>Counts the rows of a record, for a feature of a tensor whose width varies.</summary>
    public void CountRecord(TensorColumn column, int record, FeatureCounts counts)
    {
        int start = column.Offsets[record];
        int rows = checked((int)column.ShapeOf(record)[0]);
        int width = VaryingRows.WidthOf(column.Offsets[record + 1] - start, rows);
        for (int row = 0; row < rows; row++)
        {
            if (_reference.Feature.Row == RowValue.Width)
            {
                CountDoubles([width], counts);
            }
            else if (width == 0)
            {
                counts.Missing++;
            }
            else
            {
                Count(column, VaryingRows.ElementOf(column, start + (row * width), width), 1, counts);
            }
        }
    }

    /// <summary>Counts a whole tensor of reference data. For a feature of varying width, it holds the feature's values.</summary>
    public void Count(Tensor tensor, FeatureCounts counts)
    {
        (int start, int stride, int values) = Stride(0, checked((int)tensor.Count));
        if (tensor.Strings is not { } strings)
        {
            CountNumbers(tensor.Datatype, tensor.Data.Span, start, stride, values, counts);
            return;
        }

        for (int index = 0; index < values; index++)
        {
            string text = strings[start + (index * stride)];
            if (text.Length == 0)
            {
                counts.Missing++;
            }
            else
            {
                counts.Bins[_texts.TryGetValue(text, out int bin) ? bin : OtherBin(_known is null ? 0 : TextHash.Of(text))]++;
            }
        }
    }

    /// <summary>Counts numbers that were computed from whole rows, for a feature that is a group of elements.</summary>
    public void Count(ReadOnlySpan<double> values, FeatureCounts counts) => CountDoubles(values, counts);

    /// <summary>The bin of a value that does not have its own.</summary>
    private int OtherBin(ulong hash)
    {
        int listed = _reference.Values!.Length;
        if (_known is null)
        {
            return listed + 1;
        }

        uint fingerprint = TextHash.FingerprintOf(hash);
        bool isNew = fingerprint <= _reference.KnownThrough && !_known.Contains(fingerprint);
        return listed + TextHash.GroupOf(hash) + (isNew ? TextHash.Groups : 0);
    }

    private bool Fits(Datatype datatype) => _reference.Kind == FeatureKind.Numeric
        ? datatype != Datatype.Bytes
        : _reference.IsInteger ? Elements.IsInteger(datatype) : datatype == Datatype.Bytes;

    private (int Start, int Stride, int Values) Stride(int element, int count) =>
        (element + _reference.Feature.Start, _reference.Feature.Stride, count / _reference.Feature.Stride);

    private long Rows(int count) => count / _reference.Feature.Stride;

    private void CountNumbers(Datatype datatype, ReadOnlySpan<byte> bytes, int start, int stride, int values, FeatureCounts counts)
    {
        Span<double> doubles = stackalloc double[Block];
        Span<long> longs = stackalloc long[Block];
        for (int done = 0; done < values; done += Block)
        {
            int length = Math.Min(Block, values - done);
            int from = start + (done * stride);
            if (_reference.Kind == FeatureKind.Category)
            {
                Elements.ToLongs(datatype, bytes, from, stride, longs[..length]);
                foreach (long value in longs[..length])
                {
                    counts.Bins[_integers.TryGetValue(value, out int bin) ? bin : OtherBin(_known is null ? 0 : TextHash.Of(value))]++;
                }
            }

            Elements.ToDoubles(datatype, bytes, from, stride, doubles[..length]);
            CountDoubles(doubles[..length], counts);
        }
    }

    private void CountDoubles(ReadOnlySpan<double> values, FeatureCounts counts)
    {
        bool numeric = _reference.Kind == FeatureKind.Numeric;
        foreach (double value in values)
        {
            if (double.IsNaN(value))
            {
                counts.NotANumber++;
                continue;
            }

            if (numeric)
            {
                int bin = 0;
                foreach (double edge in _edges)
                {
                    bin += value >= edge ? 1 : 0;
                }

                counts.Bins[bin]++;
            }

            if (double.IsFinite(value))
            {
                AddMoments(value, counts);
            }
        }
    }

    private void AddMoments(double value, FeatureCounts counts)
    {
        double quanta = Math.Round((value - _reference.Center) * _perQuantum);
        if (Math.Abs(quanta) > MaxQuanta)
        {
            quanta = Math.CopySign(MaxQuanta, quanta);
            counts.Clipped++;
        }

        long whole = (long)quanta;
        counts.Finite++;
        counts.Sum += whole;
        counts.SumOfSquares += (UInt128)((Int128)whole * whole);
        counts.Min = Math.Min(counts.Min, value);
        counts.Max = Math.Max(counts.Max, value);
    }
}
