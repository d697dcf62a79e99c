using Microsoft.ML.OnnxRuntime;
using Modeldrop.Tensors;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Speed;

/// <summary>The memory that a session reads from and writes to, from ONNX Runtime's own allocator.</summary>
/// <remarks>
/// The kernels work on vectors and compute the elements before the first aligned address differently: the last bits of an answer depend on
/// the memory address. ONNX Runtime aligns its memory to 64 bytes, .NET aligns arrays to 8. A session therefore never uses .NET memory.
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

    /// <param name="value">Has the tensor's datatype and shape.</param>
    public static void Fill(OrtValue value, Tensor tensor)
    {
        if (tensor.Texts is { } texts)
        {
            int next = 0;
            foreach (ReadOnlySpan<byte> text in texts)
            {
                value.StringTensorSetElementAt(text, next++);
            }
        }
        else if (!tensor.Data.IsEmpty)
        {
            tensor.Data.Span.CopyTo(value.GetTensorMutableRawData());
        }
    }
}
