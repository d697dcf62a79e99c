using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Speed;
using Modeldrop.Tensors;

namespace Modeldrop.Scoring.Sessions;

/// <summary>
/// The memory that all runs of the process share: one arena of ONNX Runtime with a limit. A run that requests more fails; the others
/// continue.
/// </summary>
/// <remarks>
/// It contains tensors created by runs, and packed weights. It does not contain weights, texts, and the separate memory of a few kernels:
/// sessions are counted by validation's measurement.
/// </remarks>
internal static unsafe class RunMemory
{
    private const uint ApiVersion = 17;

    // Position in OrtApi, where functions keep their positions permanently. The package's own OrtArenaCfg is limited to 4 GiB.
    private const int CreateArenaCfgV2 = 164;

    private const nuint SameAsRequested = 1;

    // x → Identity → y: a run that does nothing except what its options request.
    private static readonly byte[] Nothing = Convert.FromBase64String(
        "CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCAhAR");

    private static readonly Lock Changing = new();
    private static bool _isLimited;
    private static InferenceSession? _nothing;

    /// <summary>Sets the limit for all sessions loaded from now on. Only the first call has an effect: a process has one arena.</summary>
    public static void Limit(long maxBytes)
    {
        lock (Changing)
        {
            if (!_isLimited)
            {
                using var info = new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
                using var arena = new Arena(maxBytes);
                OrtEnv.Instance().CreateAndRegisterAllocator(info, arena);
                _isLimited = true;
            }
        }
    }

    /// <summary>Returns memory that no run uses now. Does nothing before the first <see cref="Limit"/>.</summary>
    public static void Shrink()
    {
        lock (Changing)
        {
            if (!_isLimited)
            {
                return;
            }

            using SessionOptions options = SessionSettings.Reproducible.ToOptions();
            _nothing ??= new InferenceSession(Nothing, options);
            using var run = new RunOptions();
            run.AddRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
            using OrtValue x = TensorBinding.Allocate(Datatype.Fp32, [1]);
            _nothing.Run(run, ["x"], [x], ["y"]).Dispose();
        }
    }

    [DllImport("onnxruntime")]
    private static extern nint* OrtGetApiBase();

    private sealed class Arena : OrtArenaCfg
    {
        public Arena(long maxBytes)
            : base(0, (int)SameAsRequested, -1, -1)
        {
            nint* api = (nint*)((delegate* unmanaged<uint, nint>)OrtGetApiBase()[0])(ApiVersion);
            fixed (byte* limit = "max_mem\0"u8, strategy = "arena_extend_strategy\0"u8)
            {
                byte** names = stackalloc byte*[] { limit, strategy };
                nuint* values = stackalloc nuint[] { (nuint)maxBytes, SameAsRequested };
                nint created;
                nint failure = ((delegate* unmanaged<byte**, nuint*, nuint, nint*, nint>)api[CreateArenaCfgV2])(names, values, 2, &created);
                if (failure != 0)
                {
                    throw new InvalidOperationException("ONNX Runtime does not accept a limit for the memory of runs.");
                }

                base.ReleaseHandle();
                SetHandle(created);
            }
        }
    }
}
