using Microsoft.ML.OnnxRuntime;

namespace Modeldrop.Scoring;

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

    /// <summary>Graph optimisation; part of what makes the bits, so it must not differ between the host that logs and the host that replays.</summary>
    public GraphOptimizationLevel Optimization { get; init; } = GraphOptimizationLevel.ORT_ENABLE_ALL;

    internal SessionOptions ToOptions() => new()
    {
        IntraOpNumThreads = IntraOpThreads,
        InterOpNumThreads = InterOpThreads,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        GraphOptimizationLevel = Optimization,
        // What fails is thrown, and what is thrown is logged once, by us.
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };
}
