using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Tensors;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Speed;

/// <summary>Memory that values of different shapes use in turn, aligned as <see cref="TensorBinding"/> explains.</summary>
internal sealed unsafe class SessionMemory : IDisposable
{
    private readonly OrtValue _owner;
    private readonly byte* _start;
    private readonly int _bytes;

    public SessionMemory(int bytes)
    {
        _bytes = bytes;
        _owner = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.UInt8, [bytes]);
        fixed (byte* start = _owner.GetTensorMutableRawData())
        {
            // Not managed memory: it does not move.
            _start = start;
        }
    }

    public Span<byte> Bytes => new(_start, _bytes);

    /// <summary>A value at the start of the memory. Dispose it before the memory.</summary>
    public OrtValue View(Datatype datatype, long[] shape) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, datatype.ElementType(), shape, (nint)_start, Tensor.CountOf(shape) * datatype.ElementBytes());

    public void Dispose() => _owner.Dispose();
}
