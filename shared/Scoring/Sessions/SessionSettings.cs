using Microsoft.ML.OnnxRuntime;

namespace Modeldrop.Scoring.Sessions;

/// <summary>How a session runs its graph. The defaults give the same bits for the same input, every time, on one machine.</summary>
public sealed record SessionSettings
{
    public static readonly SessionSettings Reproducible = new();

    /// <summary>
    /// Threads inside one operator. 1: a sum that is split over threads is added up in another order from run to run, and requests run
    /// beside each other anyway, so that threads within one buy latency only while the machine is idle.
    /// </summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>Threads over operators. 1, and the graph runs in order: the second source of changing bits.</summary>
    public int InterOpThreads { get; init; } = 1;

    /// <summary>
    /// Graph optimisation; part of what makes the bits, so it must not differ between the host that logs and the host that replays.
    /// </summary>
    public GraphOptimizationLevel Optimization { get; init; } = GraphOptimizationLevel.ORT_ENABLE_ALL;

    /// <summary>
    /// Bytes of a constant that may be computed when the model is loaded; a larger one is computed by each run, within the memory of runs.
    /// Constants are
    /// not in that memory, and one is there twice while it is computed.
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
            // What fails is thrown, and what is thrown is logged once, by us.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry("session.use_env_allocators", "1");
        options.AddSessionConfigEntry("optimization.constant_folding_max_output_size_in_bytes", $"{MaxFoldedBytes}");
        return options;
    }
}
