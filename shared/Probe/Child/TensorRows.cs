using Modeldrop.Tensors;

namespace Modeldrop.Probe.Child;

/// <summary>Treats tensors as rows along the first dimension.</summary>
internal static class TensorRows
{
    /// <summary>Some rows of each tensor.</summary>
    public static IReadOnlyList<Tensor> Slice(IReadOnlyList<Tensor> tensors, int start, int count) =>
        [.. tensors.Select(tensor => Slice(tensor, start, count))];

    /// <summary>A scalar has no rows and is returned unchanged.</summary>
    public static Tensor Slice(Tensor tensor, int start, int count)
    {
        if (tensor.Shape.Length == 0)
        {
            return tensor;
        }

        int width = (int)(tensor.Count / tensor.Shape[0]);
        long[] shape = [count, .. tensor.Shape.Skip(1)];
        int bytes = width * tensor.Datatype.ElementBytes();
        return tensor.Strings is { } strings
            ? Tensor.OfStrings(tensor.Name, shape, strings[(start * width)..((start + count) * width)])
            : Tensor.OfBytes(tensor.Name, tensor.Datatype, shape, tensor.Data.Slice(start * bytes, count * bytes));
    }

    /// <summary>The same tensors in separate memory, starting this many elements after the start of an array.</summary>
    public static IReadOnlyList<Tensor> Shifted(IReadOnlyList<Tensor> tensors, int elements) =>
        [.. tensors.Select(tensor => tensor.Strings is null ? Shifted(tensor, elements) : tensor)];

    private static Tensor Shifted(Tensor tensor, int elements)
    {
        int start = elements * tensor.Datatype.ElementBytes();
        Memory<byte> data = new byte[start + tensor.Data.Length].AsMemory(start);
        tensor.Data.CopyTo(data);
        return Tensor.OfBytes(tensor.Name, tensor.Datatype, tensor.Shape, data);
    }

    /// <summary>Whether both contain the same tensors, bit for bit.</summary>
    public static bool SameBits(IReadOnlyList<Tensor> one, IReadOnlyList<Tensor> other) =>
        one.Count == other.Count && one.Zip(other).All(pair => SameBits(pair.First, pair.Second));

    public static bool SameBits(Tensor one, Tensor other) =>
        one.Name == other.Name && one.Datatype == other.Datatype && one.Shape.AsSpan().SequenceEqual(other.Shape)
        && one.Data.Span.SequenceEqual(other.Data.Span) && (one.Strings ?? []).AsSpan().SequenceEqual(other.Strings ?? []);
}
