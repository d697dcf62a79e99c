using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Registry;
using Modeldrop.Speed;
using Modeldrop.Tensors;

namespace Modeldrop.Scoring.Sessions;

/// <summary>
/// The memory of all runs of the process: one arena of ONNX Runtime with a limit, and one more for each session whose graph loops. A run
/// that requests more fails; the others continue.
/// </summary>
/// <remarks>
/// <para>
/// An arena has one lock. A loop takes it for every tensor of every turn, and on a busy machine its thread often loses the processor while
/// it has the lock: runs of other models would wait. <c>bench/scoring.sh attack</c>, all parts together: 218 of 2,660 requests to another
/// model took more than 6 ms when loops used the shared arena, and 18 with this.
/// </para>
/// <para>
/// An arena contains tensors created by runs, and packed weights. It does not contain weights, texts, and the separate memory of a few
/// kernels: sessions are counted by validation's measurement.
/// </para>
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

    // ONNX Runtime registers one arena per type of memory. A new session uses the one that was registered last, and keeps it.
    private const OrtMemType Shared = OrtMemType.Default;
    private const OrtMemType Own = OrtMemType.CpuOutput;

    private static readonly Lock Changing = new();

    // Sessions are opened side by side, but for one that gets its own arena: meanwhile another would get it too.
    private static readonly ReaderWriterLockSlim Opening = new();

    private static long _maxBytes;
    private static InferenceSession? _nothing;

    /// <summary>Bytes of runs that a session with its own arena counts as its memory; 0 before the first <see cref="Limit"/>.</summary>
    public static long OwnShare => Interlocked.Read(ref _maxBytes) / 4;

    /// <summary>
    /// Limit of the session's own arena: its share, and room for packed weights, which validation's measurement contains. 0: it uses the
    /// shared arena.
    /// </summary>
    /// <param name="loops"><see cref="ModelInspection.Loops"/>.</param>
    /// <param name="parameters"><see cref="ModelInspection.Parameters"/>.</param>
    public static long OwnBytes(bool loops, long parameters) => loops && OwnShare > 0 ? OwnShare + (parameters * sizeof(double)) : 0;

    /// <summary>
    /// Sets the limit for all sessions opened from now on. Only the first call has an effect: a process has one shared arena.
    /// </summary>
    public static void Limit(long maxBytes)
    {
        lock (Changing)
        {
            if (_maxBytes != 0)
            {
                return;
            }

            Opening.EnterWriteLock();
            try
            {
                using OrtMemoryInfo info = Register(Shared, maxBytes);
                using SessionOptions options = SessionSettings.Reproducible.ToOptions();
                _nothing = new InferenceSession(Nothing, options);
                Interlocked.Exchange(ref _maxBytes, maxBytes);
            }
            finally
            {
                Opening.ExitWriteLock();
            }
        }
    }

    /// <summary>Opens a session whose runs use the shared arena, or one of its own with a limit.</summary>
    /// <param name="ownBytes">The limit; 0: the shared arena.</param>
    public static InferenceSession Open(string modelPath, SessionOptions options, long ownBytes)
    {
        if (ownBytes == 0)
        {
            Opening.EnterReadLock();
            try
            {
                return new InferenceSession(modelPath, options);
            }
            finally
            {
                Opening.ExitReadLock();
            }
        }

        Opening.EnterWriteLock();
        try
        {
            using OrtMemoryInfo info = Register(Own, ownBytes);
            try
            {
                return new InferenceSession(modelPath, options);
            }
            finally
            {
                OrtEnv.Instance().UnregisterAllocator(info);
            }
        }
        finally
        {
            Opening.ExitWriteLock();
        }
    }

    /// <summary>Returns memory of the shared arena that no run uses now. Does nothing before the first <see cref="Limit"/>.</summary>
    public static void Shrink()
    {
        lock (Changing)
        {
            if (_nothing is null)
            {
                return;
            }

            using var run = new RunOptions();
            ShrinkAfter(run);
            using OrtValue x = TensorBinding.Allocate(Datatype.Fp32, [1]);
            _nothing.Run(run, ["x"], [x], ["y"]).Dispose();
        }
    }

    /// <summary>Makes the session's arena return what is free after each run with these options, failed or not.</summary>
    public static void ShrinkAfter(RunOptions run) => run.AddRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");

    private static OrtMemoryInfo Register(OrtMemType type, long maxBytes)
    {
        var info = new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, type);
        using var arena = new Arena(maxBytes);
        OrtEnv.Instance().CreateAndRegisterAllocator(info, arena);
        return info;
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
