using System.Buffers;

namespace Modeldrop.Tensors;

/// <summary>
/// Concatenates the rows of tensors with the same name. Rows of a different shape than the first are left out. A scalar has no rows: the
/// first one stays.
/// </summary>
public sealed class GrowingTensor(string name, Datatype datatype)
{
    private readonly List<string> _strings = [];
    private readonly ArrayBufferWriter<byte> _data = new();
    private long[]? _row;
    private Tensor? _scalar;

    public int Rows { get; private set; }

    /// <param name="tensor"><c>[rows, …]</c>, or a scalar.</param>
    public void Add(Tensor tensor)
    {
        if (tensor.Shape.Length == 0)
        {
            _scalar ??= tensor;
            return;
        }

        long[] row = tensor.Shape[1..];
        _row ??= row;
        if (tensor.Datatype != datatype || !row.AsSpan().SequenceEqual(_row))
        {
            return;
        }

        Rows += (int)tensor.Shape[0];
        if (tensor.Strings is { } strings)
        {
            _strings.AddRange(strings);
        }
        else
        {
            _data.Write(tensor.Data.Span);
        }
    }

    /// <summary>Shares the memory: nothing may be added afterwards.</summary>
    public Tensor ToTensor() => _scalar is not null ? _scalar
        : datatype == Datatype.Bytes
        ? Tensor.OfStrings(name, [Rows, .. _row ?? []], [.. _strings])
        : Tensor.OfBytes(name, datatype, [Rows, .. _row ?? []], _data.WrittenMemory);
}
