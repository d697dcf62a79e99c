using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Modeldrop.Names;
using Modeldrop.Routing;
using Modeldrop.Scoring.Failures;
using Modeldrop.Telemetry;

namespace Modeldrop.Scoring;

/// <summary>This process's counts of one version. Thread-safe; counting takes no lock and allocates nothing.</summary>
internal sealed class RunCounts
{
    private long _requests;
    private long _runs;
    private long _rows;
    private long _answers;
    private long _answerTicks;
    private long _runTicks;
    private long _failures;
    private long _lastAnswerMs;

    /// <summary>Requests that were run.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Runs of the graph: fewer than <see cref="Requests"/> when requests were joined.</summary>
    public long Runs => Interlocked.Read(ref _runs);

    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Requests that were answered.</summary>
    public long Answers => Interlocked.Read(ref _answers);

    /// <summary>Total nanoseconds of the answered requests, including waiting.</summary>
    public long AnswerNs => Interlocked.Read(ref _answerTicks) * TimeSpan.NanosecondsPerTick;

    /// <summary>The part of these nanoseconds spent in the graph.</summary>
    public long RunNs => Interlocked.Read(ref _runTicks) * TimeSpan.NanosecondsPerTick;

    /// <summary>Requests that failed for a reason other than their content.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Receipt time of the last answered request, in milliseconds since 1970; 0: none.</summary>
    public long LastAnswerMs => Interlocked.Read(ref _lastAnswerMs);

    public void Failed() => Interlocked.Increment(ref _failures);

    public void Answered(DateTimeOffset receivedAt, TimeSpan duration, TimeSpan run)
    {
        Interlocked.Increment(ref _answers);
        Interlocked.Add(ref _answerTicks, duration.Ticks);
        Interlocked.Add(ref _runTicks, Math.Min(run.Ticks, duration.Ticks));
        Interlocked.Exchange(ref _lastAnswerMs, receivedAt.ToUnixTimeMilliseconds());
    }

    public void Ran(int requests, long rows)
    {
        Interlocked.Increment(ref _runs);
        Interlocked.Add(ref _requests, requests);
        Interlocked.Add(ref _rows, rows);
    }
}

/// <summary>The instruments of scoring, by model and version.</summary>
/// <remarks>A request updates one histogram; all other counts are in <see cref="RunCounts"/> and read on demand.</remarks>
public sealed class ScoringMeters
{
    private readonly ConcurrentDictionary<VersionName, RunCounts> _runs = new();
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _load;
    private readonly Counter<long> _loadFailures;
    private readonly Counter<long> _evictions;

    public ScoringMeters(IMeterFactory factory)
    {
        Meter meter = factory.CreateServiceMeter();
        _duration = meter.CreateHistogram<double>(
            "scoring.duration", "s", "Time from a decoded request to its outputs, including waiting, for answered requests.");
        _load = meter.CreateHistogram<double>("sessions.load.duration", "s", "Time to fetch, verify, open and warm up a version.");
        _loadFailures = meter.CreateCounter<long>("sessions.load.failures", "{load}", "Failed attempts to load a version.");
        _evictions = meter.CreateCounter<long>("sessions.evictions", "{session}", "Sessions closed to make room.");
        meter.CreateObservableCounter("scoring.requests", () => Measure(counts => counts.Requests), "{request}", "Requests that were run.");
        meter.CreateObservableCounter(
            "scoring.runs", () => Measure(counts => counts.Runs), "{run}", "Runs of the graph; requests divided by runs: mean batch size.");
        meter.CreateObservableCounter("scoring.rows", () => Measure(counts => counts.Rows), "{row}", "Rows that were scored.");
        Meter = meter;
    }

    /// <summary>The meter, for instruments of other classes.</summary>
    public Meter Meter { get; }

    /// <summary>The same failures by hour, which are summed over all processes.</summary>
    internal FailureHours FailureHours { get; } = new();

    internal RunCounts RunsOf(VersionName version) => _runs.GetOrAdd(version, static _ => new RunCounts());

    /// <param name="run">The part of <paramref name="duration"/> in the graph.</param>
    public void Answered(Route route, DateTimeOffset receivedAt, TimeSpan duration, TimeSpan run)
    {
        _duration.Record(duration.TotalSeconds, ModelOf(route.Model), route.VersionTag);
        RunsOf(route.Name).Answered(receivedAt, duration, run);
    }

    public void Failed(Route route, DateTimeOffset receivedAt)
    {
        RunsOf(route.Name).Failed();
        FailureHours.Count(route.Name, receivedAt);
    }

    public void Loaded(ModelName model, TimeSpan duration) => _load.Record(duration.TotalSeconds, ModelOf(model));

    public void CouldNotLoad(ModelName model) => _loadFailures.Add(1, ModelOf(model));

    public void Evicted(ModelName model) => _evictions.Add(1, ModelOf(model));

    internal static TagList TagsOf(VersionName version) =>
        new() { ModelOf(version.Model), { ServiceTelemetry.VersionTag, version.Number } };

    private static KeyValuePair<string, object?> ModelOf(ModelName model) => new(ServiceTelemetry.ModelTag, model.Value);

    private IEnumerable<Measurement<long>> Measure(Func<RunCounts, long> count) =>
        _runs.Select(pair => new Measurement<long>(count(pair.Value), TagsOf(pair.Key)));
}
