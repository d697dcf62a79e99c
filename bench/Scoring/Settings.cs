using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.ScoringBench;

/// <summary>The effect of session settings on the time to load a model and to run one row, compared with the settings in use.</summary>
internal static class Settings
{
    private const int Runs = 2000;

    private static readonly (string Name, Action<SessionOptions> Set)[] Variants =
    [
        ("as sessions are", _ => { }),
        ("two threads within an operator", options => options.IntraOpNumThreads = 2),
        ("threads over operators", options => { options.ExecutionMode = ExecutionMode.ORT_PARALLEL; options.InterOpNumThreads = 2; }),
        ("no arena", options => options.EnableCpuMemArena = false),
        ("no memory pattern", options => options.EnableMemoryPattern = false),
        ("basic optimisation", options => options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_BASIC),
        ("no optimisation", options => options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL),
    ];

    public static void Run(Report report, int repeats)
    {
        string folder = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        foreach ((string name, byte[] model) in ((string, byte[])[])[
                (Models.Digits, Models.ModelOf(Models.Digits)), (Models.Flights, Models.ModelOf(Models.Flights)),
                ("three layers of 1,024", Layers())
            ])
        {
            string path = Path.Combine(folder, "model.onnx");
            string optimised = Path.Combine(folder, "optimised.onnx");
            File.WriteAllBytes(path, model);
            using (SessionOptions options = Options(options => options.OptimizedModelFilePath = optimised))
            {
                new InferenceSession(path, options).Dispose();
            }

            List<(string Name, string Path, Action<SessionOptions> Set)> variants = [
                .. Variants.Select(variant => (variant.Name, path, variant.Set))];
            variants.Add(
                ("optimised beforehand", optimised, options => options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL));
            Dictionary<string, List<(double Load, double Run)>> times = variants.ToDictionary(
                variant => variant.Name, _ => new List<(double, double)>());
            for (int repeat = 0; repeat <= repeats; repeat++)
            {
                foreach ((string variant, string file, Action<SessionOptions> set) in variants)
                {
                    (double, double) time = Measure(file, set);
                    times[variant].AddRange(repeat == 0 ? [] : [time]);
                }
            }

            double load = Report.Median(times[Variants[0].Name].Select(time => time.Load));
            double run = Report.Median(times[Variants[0].Name].Select(time => time.Run));
            foreach ((string variant, List<(double Load, double Run)> all) in times)
            {
                report.Add($"settings: {name}, {variant}", "", string.Create(CultureInfo.InvariantCulture,
                    $"load {Report.Times(Report.Median(all.Select(time => time.Load)) / load)} of {load:0.0} ms, run "
                        + $"{Report.Times(Report.Median(all.Select(time => time.Run)) / run)} of {run:0} µs"));
            }
        }
    }

    private static SessionOptions Options(Action<SessionOptions> set)
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        set(options);
        return options;
    }

    private static (double Load, double Run) Measure(string path, Action<SessionOptions> set)
    {
        long start = Stopwatch.GetTimestamp();
        using SessionOptions options = Options(set);
        using var session = new InferenceSession(path, options);
        double load = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

        OrtValue[] inputs = [.. session.InputNames.Select(name => Value(session.InputMetadata[name]))];
        using var run = new RunOptions();
        for (int warm = 0; warm < Runs / 10; warm++)
        {
            session.Run(run, session.InputNames, inputs, session.OutputNames).Dispose();
        }

        start = Stopwatch.GetTimestamp();
        for (int round = 0; round < Runs; round++)
        {
            session.Run(run, session.InputNames, inputs, session.OutputNames).Dispose();
        }

        double microseconds = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Runs;
        Array.ForEach(inputs, input => input.Dispose());
        return (load, microseconds);
    }

    /// <summary>A row of zeros, or of a text that is a category in the samples.</summary>
    private static OrtValue Value(NodeMetadata metadata)
    {
        long[] shape = [.. metadata.Dimensions.Select(dimension => dimension < 0 ? 1L : dimension)];
        if (metadata.ElementDataType != TensorElementType.String)
        {
            return OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, metadata.ElementDataType, shape);
        }

        OrtValue strings = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        strings.StringTensorSetElementAt("ATL", 0);
        return strings;
    }

    private static byte[] Layers()
    {
        const int Width = 1024;
        var random = new Random(1);
        var builder = new OnnxBuilder().Input("x", TensorElementType.Float, -1, Width)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1, Width));
        string last = "x";
        for (int layer = 0; layer < 3; layer++)
        {
            string next = layer == 2 ? "y" : $"h{layer}";
            float[] weights = [.. Enumerable.Range(0, Width * Width).Select(_ => (random.NextSingle() - 0.5f) / Width)];
            builder.Initializer($"w{layer}", weights, Width, Width)
                .Node("MatMul", [last, $"w{layer}"], [$"m{layer}"])
                .Node("Relu", [$"m{layer}"], [next]);
            last = next;
        }

        return builder.Build();
    }
}
