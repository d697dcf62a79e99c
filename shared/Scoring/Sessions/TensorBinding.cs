using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Tensors;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Scoring;

/// <summary>Shows a tensor's memory to ONNX Runtime as it lies there.</summary>
internal static unsafe class TensorBinding
{
    private static readonly byte[] Nowhere = GC.AllocateArray<byte>(sizeof(long), pinned: true);

    /// <param name="pin">Holds the memory still; to be disposed after the value.</param>
    public static OrtValue Bind(Tensor tensor, out MemoryHandle pin)
    {
        if (tensor.Strings is { } strings)
        {
            pin = default;
            return BindStrings(strings, tensor.Shape);
        }

        ReadOnlyMemory<byte> data = tensor.Data;
        if (data.IsEmpty)
        {
            // ONNX Runtime wants an address even where there is nothing to read.
            data = Nowhere;
        }

        pin = data.Pin();
        if ((nuint)pin.Pointer % (nuint)tensor.Datatype.ElementBytes() != 0)
        {
            // Memory cut out of something larger; its kernels read whole elements.
            pin.Dispose();
            pin = new ReadOnlyMemory<byte>(data.ToArray()).Pin();
        }

        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, tensor.Datatype.ElementType(), tensor.Shape, (nint)pin.Pointer, tensor.Data.Length);
    }

    private static OrtValue BindStrings(string[] strings, long[] shape)
    {
        OrtValue value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        for (int i = 0; i < strings.Length; i++)
        {
            value.StringTensorSetElementAt(strings[i].AsSpan(), i);
        }

        return value;
    }
}
