using System.Runtime.InteropServices;
using Apache.Arrow;
using Modeldrop.Tensors;

namespace Modeldrop.Predictions;

/// <summary>A tensor of all records of a pack: their elements are contiguous.</summary>
public sealed class TensorColumn
{
    private readonly ListArray _elements;
    private readonly ListArray _shapes;

    internal TensorColumn(string name, Datatype datatype, ListArray elements, ListArray shapes)
    {
        Name = name;
        Datatype = datatype;
        _elements = elements;
        _shapes = shapes;
    }

    public string Name { get; }

    public Datatype Datatype { get; }

    /// <summary>Offset of each record's first element, in elements; one more entry than records.</summary>
    public ReadOnlySpan<int> Offsets => _elements.ValueOffsets;

    /// <summary>All elements, little-endian; empty for <see cref="Datatype.Bytes"/>. Valid until the pack's columns are disposed.</summary>
    public ReadOnlySpan<byte> Values => Datatype == Datatype.Bytes ? default : _elements.Values.Data.Buffers[1].Span;

    /// <summary>The UTF-8 of an element of a <see cref="Datatype.Bytes"/> column.</summary>
    /// <param name="element">Counted over all records.</param>
    public ReadOnlySpan<byte> TextAt(int element) => ((StringArray)_elements.Values).GetBytes(element);

    public ReadOnlySpan<long> ShapeOf(int record)
    {
        ReadOnlySpan<int> offsets = _shapes.ValueOffsets;
        return MemoryMarshal.Cast<byte, long>(_shapes.Values.Data.Buffers[1].Span)[offsets[record]..offsets[record + 1]];
    }

    /// <summary>The tensor of one record; a copy that outlives the pack.</summary>
    public Tensor TensorOf(int record)
    {
        int start = Offsets[record];
        int end = Offsets[record + 1];
        long[] shape = ShapeOf(record).ToArray();
        if (Datatype == Datatype.Bytes)
        {
            var texts = (StringArray)_elements.Values;
            return Tensor.OfStrings(Name, shape, [.. Enumerable.Range(start, end - start).Select(element => texts.GetString(element))]);
        }

        int size = Datatype.ElementBytes();
        return Tensor.OfBytes(Name, Datatype, shape, Values[(start * size)..(end * size)].ToArray());
    }
}
