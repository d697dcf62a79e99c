using System.Runtime.InteropServices;

namespace Modeldrop.Tensors;

/// <summary>A named array of numbers or strings, row-major, immutable by convention.</summary>
public sealed class Tensor
{
    private Tensor(string name, Datatype datatype, long[] shape, ReadOnlyMemory<byte> data, Texts? texts)
    {
        Name = name;
        Datatype = datatype;
        Shape = shape;
        Data = data;
        Texts = texts;
    }

    public string Name { get; }

    public Datatype Datatype { get; }

    /// <summary>Dimensions, all known.</summary>
    public long[] Shape { get; }

    /// <summary>The elements, little-endian; empty for <see cref="Datatype.Bytes"/>.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The elements of a <see cref="Datatype.Bytes"/> tensor; null for every other datatype.</summary>
    public Texts? Texts { get; }

    /// <summary>The elements of a <see cref="Datatype.Bytes"/> tensor as strings; null for every other datatype.</summary>
    public string[]? Strings => Texts?.Strings;

    public long Count => CountOf(Shape);

    /// <summary>Size of the elements; for texts see <see cref="Texts.Bytes"/>.</summary>
    public long Bytes => Texts?.Bytes ?? Data.Length;

    /// <summary>Memory of the elements in .NET's heap.</summary>
    internal long HeapBytes => FindNative() is null ? Bytes : 0;

    /// <param name="data">Little-endian elements; exactly as many as <paramref name="shape"/> says.</param>
    public static Tensor OfBytes(string name, Datatype datatype, long[] shape, ReadOnlyMemory<byte> data)
    {
        if (datatype == Datatype.Bytes || data.Length != CountOf(shape) * datatype.ElementBytes())
        {
            throw new ArgumentException(
                $"{data.Length} bytes are not [{string.Join(",", shape)}] of {datatype.ProtocolName()}.", nameof(data));
        }

        return new Tensor(name, datatype, shape, data, null);
    }

    public static Tensor OfStrings(string name, long[] shape, string[] strings) => OfTexts(name, shape, new Texts(strings));

    public static Tensor OfTexts(string name, long[] shape, Texts texts)
    {
        if (texts.Count != CountOf(shape))
        {
            throw new ArgumentException($"{texts.Count} texts are not [{string.Join(",", shape)}].", nameof(texts));
        }

        return new Tensor(name, Datatype.Bytes, shape, default, texts);
    }

    /// <summary>Keeps the elements until <see cref="Release"/>, also when the request that owns their memory has ended.</summary>
    internal void Hold() => FindNative()?.Hold();

    /// <summary>Ends a <see cref="Hold"/>.</summary>
    internal void Release() => (FindNative() as IDisposable)?.Dispose();

    /// <summary>The same elements in another shape with the same number of elements.</summary>
    public Tensor WithShape(long[] shape) => CountOf(shape) == Count
        ? new Tensor(Name, Datatype, shape, Data, Texts)
        : throw new ArgumentException($"[{string.Join(",", shape)}] does not have {Count} elements.", nameof(shape));

    /// <summary>Some of the rows along the first dimension; they share this tensor's memory.</summary>
    public Tensor RowsOf(int start, int rows) => RowsOf(start, [rows, .. Shape.AsSpan(1)]);

    /// <param name="shape">Shape of those rows; kept, so that parts of one size can share it.</param>
    internal Tensor RowsOf(int start, long[] shape)
    {
        int rows = (int)shape[0];
        int elements = (int)(Count / Math.Max(1, Shape[0]));
        return Texts is { } texts
            ? new Tensor(Name, Datatype, shape, default, texts.Slice(start * elements, rows * elements))
            : new Tensor(
                Name, Datatype, shape,
                Data.Slice(start * elements * Datatype.ElementBytes(), rows * elements * Datatype.ElementBytes()), null);
    }

    private NativeBytes? FindNative() =>
        MemoryMarshal.TryGetMemoryManager(Texts?.Block ?? Data, out NativeBytes? memory) ? memory : null;

    /// <summary>The number of elements of a shape; 1 for a scalar's empty shape.</summary>
    public static long CountOf(ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long dimension in shape)
        {
            count = checked(count * dimension);
        }

        return count;
    }
}
