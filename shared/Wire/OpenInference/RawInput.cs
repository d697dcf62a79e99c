using System.Buffers.Binary;
using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary>
/// A raw binary request: the body contains only the data of the model's single input, whose shape is derived from their length.
/// </summary>
internal static class RawInput
{
    /// <param name="memory">Owns the memory of large texts.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidTensor"/> when the model or the length does not permit it.
    /// </exception>
    public static Tensor Read(Signature signature, ReadOnlyMemory<byte> body, RequestMemory memory)
    {
        if (signature.Inputs.Count(input => !input.Optional) != 1)
        {
            throw new ServiceException(ErrorCode.InvalidTensor, "A raw binary request needs a model with one input.");
        }

        TensorSpec input = signature.Inputs.First(input => !input.Optional);
        if (input.Shape.Count(dimension => dimension < 0) > 1)
        {
            throw new ServiceException(
                ErrorCode.InvalidTensor,
                $"A raw binary request does not determine the shape of '{input.Name}', which has several variable dimensions.");
        }

        long fixedElements = input.Shape.Where(dimension => dimension >= 0).Aggregate(1L, (product, dimension) => product * dimension);
        long elements = input.Datatype == Datatype.Bytes ? CountStrings(body.Span) : body.Length / input.Datatype.ElementBytes();
        long variable = fixedElements == 0 ? 0 : elements / fixedElements;
        long[] shape = [.. input.Shape.Select(dimension => dimension < 0 ? variable : dimension)];
        return BinaryTensorReader.Read(body, input.Name, input.Datatype, shape, memory, out string? violation)
            ?? throw new ServiceException(ErrorCode.InvalidTensor, $"input '{input.Name}': {violation}.");
    }

    private static long CountStrings(ReadOnlySpan<byte> bytes)
    {
        long count = 0;
        while (bytes.Length >= sizeof(uint))
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            bytes = bytes[sizeof(uint)..];
            bytes = length <= bytes.Length ? bytes[(int)length..] : default;
            count++;
        }

        return count;
    }
}
