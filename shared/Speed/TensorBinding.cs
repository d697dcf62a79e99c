using Microsoft.ML.OnnxRuntime;
using Modeldrop.Tensors;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Speed;

/// <summary>The memory that a session reads from and writes to: that of ONNX Runtime's own allocator.</summary>
/// <remarks>
/// The kernels work on vectors, and compute the elements in front of the first aligned address in another way: the last bits of an answer
/// depend on the address of the memory. ONNX Runtime aligns what it allocates to 64 bytes, .NET its arrays to 8. A session never sees
/// memory of .NET.
/// </remarks>
internal static class TensorBinding
{
    /// <summary>A copy of <paramref name="tensor"/>.</summary>
    public static OrtValue Copy(Tensor tensor)
    {
        OrtValue value = Allocate(tensor.Datatype, tensor.Shape);
        try
        {
            Fill(value, tensor);
            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }

    /// <summary>Numbers are not initialised; strings are empty.</summary>
    public static OrtValue Allocate(Datatype datatype, long[] shape) => datatype == Datatype.Bytes
        ? OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape)
        : OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, datatype.ElementType(), shape);

    /// <param name="value">Of the tensor's datatype and shape.</param>
    public static void Fill(OrtValue value, Tensor tensor)
    {
        if (tensor.Strings is { } strings)
        {
            for (int i = 0; i < strings.Length; i++)
            {
                value.StringTensorSetElementAt(strings[i].AsSpan(), i);
            }
        }
        else if (!tensor.Data.IsEmpty)
        {
            tensor.Data.Span.CopyTo(value.GetTensorMutableRawData());
        }
    }
}
