using Microsoft.ML.OnnxRuntime;

namespace Modeldrop.Scoring.Sessions;

/// <summary>How a session runs its graph. With the defaults, the same input gives the same bits, every time, on one machine.</summary>
public sealed record SessionSettings
{
    public static readonly SessionSettings Reproducible = new();

    /// <summary>
    /// Threads inside one operator. 1: a sum that is split over threads is added in a different order from run to run. Since requests run
    /// concurrently anyway, more threads reduce latency only while the machine is idle.
    /// </summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>Threads across operators. 1, and the graph runs in order: the second source of changing bits.</summary>
    public int InterOpThreads { get; init; } = 1;

    /// <summary>
    /// Graph optimisation. It affects the bits, so it must not differ between the host that logs and the host that replays.
    /// </summary>
    public GraphOptimizationLevel Optimization { get; init; } = GraphOptimizationLevel.ORT_ENABLE_ALL;

    /// <summary>
    /// Maximum bytes of a constant that is computed when the model is loaded; each run computes larger constants within the memory of runs.
    /// That memory does not contain constants, and a constant exists twice while it is computed.
    /// </summary>
    private const long MaxFoldedBytes = 256L << 20;

    internal SessionOptions ToOptions()
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = IntraOpThreads,
            InterOpNumThreads = InterOpThreads,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = Optimization,
            // Failures are thrown, and we log each once.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry("session.use_env_allocators", "1");
        options.AddSessionConfigEntry("optimization.constant_folding_max_output_size_in_bytes", $"{MaxFoldedBytes}");
        return options;
    }
}
