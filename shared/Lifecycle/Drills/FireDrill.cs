using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Consequences;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Drills;

/// <summary>
/// Tests a version's monitoring on its own logged traffic: how often it alarms without a change, and how soon it sees one.
/// </summary>
/// <remarks>Writes only <c>drill.json</c> of the version. One drill runs at a time in a process, on one thread.</remarks>
public sealed partial class FireDrill(
    VersionStore versions, ReferenceProfiles references, ProfileStore profiles, DriftService drift,
    PerformanceService performance, ValidationReports reports, DrillReports drills, IOptions<MonitoringOptions> options, TimeProvider clock,
    ILogger<FireDrill> logger)
{
    /// <summary>Weeks of the log that a drill uses.</summary>
    private const int Weeks = 8;

    /// <summary>Labelled windows that a drill with labels needs.</summary>
    private const int MinWindows = 7;

    /// <summary>Streams of windows: cheap, so there are many.</summary>
    private const int LabelStreams = 1_000;

    /// <summary>Most windows that are judged, and most rows of the log that are read for them. Both bound the time of a drill.</summary>
    private const int MaxWindows = 200;

    private const long MaxLabelledRows = 5_000_000;

    private const double WrongLabels = 0.1;
    private const int HoursOfADay = 24;

    private int _running;

    /// <summary>Runs a drill and keeps its report. The same log and settings yield the same streams.</summary>
    /// <param name="limit">Time for the streams. A drill runs as many as fit, at most <see cref="DriftDrill.MaxStreams"/>.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.ModelOverloaded"/> while another drill runs;
    /// <see cref="ErrorCode.StoreUnavailable"/>.
    /// </exception>
    public async Task<DrillReport> RunAsync(VersionName version, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _running, 1) == 1)
        {
            throw new ServiceException(
                ErrorCode.ModelOverloaded, "Another drill is running; try again when it has ended, in a few minutes.");
        }

        try
        {
            DrillReport report = await TryAsync(version, limit, cancellationToken);
            await drills.WriteAsync(report, cancellationToken);
            Log.Ran(logger, version.Model, version.Number, report.Summary);
            return report;
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private async Task<DrillReport> TryAsync(VersionName version, TimeSpan limit, CancellationToken cancellationToken)
    {
        long began = clock.GetTimestamp();
        using StorageMeter meter = StorageMeter.Start();
        ModelVersion record = await versions.GetAsync(version, cancellationToken);
        MonitoringPolicy policy = record.Manifest.Monitoring;
        long until = Hours.Floor(clock.GetUtcNow()) / HoursOfADay * HoursOfADay;
        List<string> notes = [];
        ReferenceProfile? reference = await references.FindAsync(version, cancellationToken);
        WindowHours hours = await WindowHours.ReadAsync(
            profiles, version, reference, until - (Weeks * 7 * HoursOfADay), until, cancellationToken);
        var logged = new Logged(record, reference, hours, until);
        DriftDrillResult? streams = await DrawStreamsAsync(logged, limit, notes, cancellationToken);
        LabelDrillResult? labels = await DrawWindowsAsync(logged, notes, cancellationToken);
        MonitoringOptions settings = options.Value;
        return new DrillReport(
            version.Model, version.Number, clock.GetUtcNow(), Math.Round(clock.GetElapsedTime(began).TotalSeconds, 1),
            DrillWords.Summarise(streams, labels, policy),
            new DrillSettings(
                policy.Significance ?? settings.Significance, settings.MinimumDistance, policy.Baseline, policy.OnDrift, policy.OnDegraded,
                policy.Window.TotalHours),
            streams, labels, notes, meter.Transactions);
    }

    private async Task<DriftDrillResult?> DrawStreamsAsync(
        Logged logged, TimeSpan limit, List<string> notes, CancellationToken cancellationToken)
    {
        (ModelVersion record, ReferenceProfile? reference, WindowHours read, long until) = logged;
        if (reference is null)
        {
            notes.Add("The version has no reference, so nothing is compared and no change can be detected.");
            return null;
        }

        WatchBaseline baseline = await drift.WatchBaselineAsync(
            record.Name, reference, DriftBaseline.Parse(record.Manifest.Monitoring.Baseline), cancellationToken);
        var drill = new DriftDrill(
            reference, read.Hours, baseline, options.Value.With(DriftEvaluator.SignificanceOf(reference, options.Value)));
        if (drill.Days < DriftDrill.MinDays)
        {
            notes.Add($"The log has {drill.Days} whole days of traffic of this version in the last {Weeks} weeks; "
                + $"streams need {DriftDrill.MinDays}. Run the drill again when there are enough.");
            return null;
        }

        long began = clock.GetTimestamp();
        (int streams, int alarms, int quality, IReadOnlyList<ChangeDrillResult> changes) = await Task.Run(
            () => drill.Run(reference.Digest[0] + record.Number, () => clock.GetElapsedTime(began) > limit, cancellationToken),
            cancellationToken);
        if (streams == 0)
        {
            notes.Add($"No stream of the {reference.Features.Count} features was finished in {limit.TotalSeconds:0} s; "
                + "give the drill more time with 'seconds', or leave features out of the watch in the manifest.");
            return null;
        }

        if (drill.Days < 2 * DriftDrill.MinDays)
        {
            notes.Add($"The streams consist of {drill.Days} different days, so they do not show differences between weeks.");
        }

        return new DriftDrillResult(
            Hours.StartOf(read.Hours[0].Hour), Hours.StartOf(until), drill.Days, read.Sum.Rows, streams, alarms, quality, changes)
        {
            AlarmsAtMost = ClopperPearson.Upper(alarms, streams, 0.025),
        };
    }

    private async Task<LabelDrillResult?> DrawWindowsAsync(Logged logged, List<string> notes, CancellationToken cancellationToken)
    {
        (ModelVersion record, _, WindowHours hours, long until) = logged;
        MonitoringPolicy policy = record.Manifest.Monitoring;
        DateTimeOffset to = Hours.StartOf(until);
        TimeSpan span = TimeSpan.FromTicks(Math.Min(TimeSpan.FromDays(7 * Weeks).Ticks, MaxWindows * policy.Window.Ticks));
        DateTimeOffset from = to - span;
        long rows = 0;
        foreach (HourRow hour in hours.Hours.Reverse().TakeWhile(hour => Hours.StartOf(hour.Hour) >= from).ToArray())
        {
            rows += hour.Profile.Rows;
            if (rows > MaxLabelledRows)
            {
                from = to - (Math.Floor((to - Hours.StartOf(hour.Hour + 1)) / policy.Window) * policy.Window);
                break;
            }
        }

        if (from >= to)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture, $"A window has more than {MaxLabelledRows:N0} rows: too many for a drill with labels."));
            return null;
        }

        var query = new PerformanceQuery(record.Number, from, to, policy.Window);
        bool[] unchanged = await JudgeAsync(record.Model, record, query, cancellationToken);
        if (unchanged.Length < MinWindows)
        {
            notes.Add($"{unchanged.Length} windows of the last {Weeks} weeks have {options.Value.MinimumRows} labelled rows or more; "
                + $"a drill with labels needs {MinWindows}.");
            return null;
        }

        bool[] wrong = await JudgeAsync(record.Model, record, query with { WrongLabels = WrongLabels }, cancellationToken);
        int length = (int)Math.Max(1, TimeSpan.FromDays(28) / policy.Window);
        var random = new Random(record.Number);
        int alarms = 0;
        List<int?> delays = [];
        for (int stream = 0; stream < LabelStreams; stream++)
        {
            alarms += FirstAlarm(unchanged, length, random) is null ? 0 : 1;
            delays.Add(FirstAlarm(wrong, length, random));
        }

        return new LabelDrillResult(query.From, to, unchanged.Length, length, LabelStreams, alarms, WrongLabels, Delays.Of(delays));
    }

    private static int? FirstAlarm(bool[] windows, int length, Random random)
    {
        for (int window = 1; window <= length; window++)
        {
            if (windows[random.Next(windows.Length)])
            {
                return window;
            }
        }

        return null;
    }

    /// <summary>Whether each window with enough labels would be judged worse.</summary>
    private async Task<bool[]> JudgeAsync(
        ModelName model, ModelVersion record, PerformanceQuery query, CancellationToken cancellationToken)
    {
        PerformanceReport read = await performance.ReadAsync(model, query, cancellationToken);
        IReadOnlyDictionary<string, MetricInterval>? validation =
            (await reports.GetAsync(record.Name, cancellationToken)).Metrics?.Intervals;
        return [.. read.Windows.Where(window => window.Labelled >= options.Value.MinimumRows)
            .Select(window => DegradationCheck.WorseIn(window.Metrics, validation, record.Manifest, options.Value).Count > 0)];
    }

    /// <summary>The data that a drill draws from.</summary>
    /// <param name="Until">The hour after the last one.</param>
    private sealed record Logged(ModelVersion Version, ReferenceProfile? Reference, WindowHours Hours, long Until);

    private static partial class Log
    {
        [LoggerMessage(7050, LogLevel.Information, "Drill of '{Model}' version {Version}: {Summary}")]
        public static partial void Ran(ILogger logger, ModelName model, int version, string summary);
    }
}
