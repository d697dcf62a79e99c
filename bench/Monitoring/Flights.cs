using System.Globalization;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Tensors;

namespace Modeldrop.MonitoringBench;

/// <summary>
/// Runs the watch over twelve weeks of flights by event time, over flights drawn from their own reference by weekday and hour, and over
/// halves of weeks.
/// </summary>
internal static class Flights
{
    public static void Run(int draws)
    {
        string folder = Path.Combine(Directory.GetCurrentDirectory(), "samples", "flights");
        Flight[] reference = Read(Path.Combine(folder, "reference.csv"));
        Flight[] stream = Read(Path.Combine(folder, "stream.csv"));
        var alarms = new Table("Twelve weeks of flights by event time: alarms of the watch", "baseline", "feature", "hour of the alarm",
            "change since", "over");
        foreach (bool ofLog in (bool[])[false, true])
        {
            Report(alarms, ofLog ? "season" : "reference", reference, stream, ofLog);
        }

        var quiet = new Table("Unchanged flights: alarms", "traffic", "streams", "alarms");
        int drawn = Enumerable.Range(0, draws).Count(draw => Watch(reference, Drawn(reference, new Random(draw)), ofLog: false).Count > 0);
        quiet.Add("four weeks drawn from the reference by weekday and hour", draws, drawn);
        int halves = Enumerable.Range(0, draws).Count(draw => HalvesDiffer(stream, new Random(draw)));
        quiet.Add("random halves of a random week, compared as windows", draws, halves);
    }

    private static void Report(Table table, string baseline, Flight[] reference, Flight[] stream, bool ofLog)
    {
        foreach ((string feature, long hour, long since, long? over) in Watch(reference, stream, ofLog))
        {
            table.Add(baseline, feature, Text(hour), Text(since), over is { } end ? Text(end) : "–");
        }
    }

    private static string Text(long hour) => Hours.StartOf(hour).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static List<(string Feature, long Hour, long Since, long? Over)> Watch(Flight[] reference, Flight[] stream, bool ofLog)
    {
        var options = new MonitoringOptions();
        ReferenceProfile profile = ReferenceProfiler.Build(Tensors(reference), []).Seal().Profile;
        WatchBaseline baseline = DriftWatch.BaselineOf(profile, null, ofLog);
        StoredWatch watch = StoredWatch.Begin(Hours.Floor(stream[0].Time), baseline.Shape);
        List<(string Feature, long Hour, long Since, long? Over)> alarms = [];
        foreach (IGrouping<long, Flight> hour in stream.GroupBy(flight => Hours.Floor(flight.Time)).OrderBy(hour => hour.Key))
        {
            Tensor[] tensors = Tensors([.. hour]);
            double[][] counts = [.. profile.Features.Select((feature, index) =>
                feature.ComparedOf(Stream.Count(feature, tensors[index])).Select(count => (double)count).ToArray())];
            StoredWatch before = watch;
            watch = DriftWatch.Advance(watch, baseline,
                new WatchHour(hour.Key, hour.Count(), counts, [.. profile.Features.Select(_ => 1.0)]), options);
            foreach ((int feature, WatchAlarm alarm) in watch.Alarms.Where(alarm => !before.Alarms.ContainsKey(alarm.Key)))
            {
                alarms.Add((profile.Features[feature].Feature.Name, alarm.Hour, alarm.Since, null));
            }

            foreach (int feature in before.Alarms.Keys.Except(watch.Alarms.Keys))
            {
                int index = alarms.FindLastIndex(alarm => alarm.Feature == profile.Features[feature].Feature.Name);
                alarms[index] = alarms[index] with { Over = hour.Key };
            }
        }

        return alarms;
    }

    /// <summary>Draws the flights of each hour from the same hour of the reference's weeks, as many as it has on average.</summary>
    private static Flight[] Drawn(Flight[] reference, Random random)
    {
        ILookup<int, Flight> cells = reference.ToLookup(flight => WatchStep.CellOf(Hours.Floor(flight.Time)));
        long first = Hours.Floor(new DateTimeOffset(2001, 2, 5, 0, 0, 0, TimeSpan.Zero));
        List<Flight> flights = [];
        for (long hour = first; hour < first + (4 * SeasonModel.Cells); hour++)
        {
            Flight[] cell = [.. cells[WatchStep.CellOf(hour)]];
            for (int row = 0; row < cell.Length / 4; row++)
            {
                flights.Add(cell[random.Next(cell.Length)] with { Time = Hours.StartOf(hour) });
            }
        }

        return [.. flights];
    }

    private static bool HalvesDiffer(Flight[] stream, Random random)
    {
        DateTimeOffset from = stream[0].Time.AddDays(random.Next(70));
        Flight[] week = [.. stream.Where(flight => flight.Time >= from && flight.Time < from.AddDays(7))];
        random.Shuffle(week);
        ReferenceProfile profile = ReferenceProfiler.Build(Tensors(week[..(week.Length / 2)]), []);
        Tensor[] tensors = Tensors(week[(week.Length / 2)..]);
        FeatureCounts[] counts = [.. profile.Features.Select((feature, index) => Stream.Count(feature, tensors[index]))];
        return DriftEvaluator.Evaluate(profile, null, counts, new MonitoringOptions()).Any(feature => feature.Drifted);
    }

    private static Tensor[] Tensors(Flight[] flights) =>
    [
        Tensor.OfBytes("hour", Datatype.Int64, [flights.Length, 1], Bytes([.. flights.Select(flight => flight.Hour)])),
        Tensor.OfBytes("dow", Datatype.Int64, [flights.Length, 1], Bytes([.. flights.Select(flight => flight.Day)])),
        Stream.Normal.ToTensor("distance", [.. flights.Select(flight => flight.Distance)]),
        Tensor.OfStrings("origin", [flights.Length, 1], [.. flights.Select(flight => flight.Origin)]),
        Tensor.OfStrings("destination", [flights.Length, 1], [.. flights.Select(flight => flight.Destination)]),
    ];

    private static byte[] Bytes(long[] values) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static Flight[] Read(string file) =>
    [
        .. File.ReadLines(file).Skip(1).Select(line => line.Split(',')).Select(cells => new Flight(
            DateTimeOffset.Parse(cells[0], CultureInfo.InvariantCulture),
            long.Parse(cells[1], CultureInfo.InvariantCulture),
            long.Parse(cells[2], CultureInfo.InvariantCulture),
            double.Parse(cells[3], CultureInfo.InvariantCulture),
            cells[4],
            cells[5])),
    ];

    private sealed record Flight(DateTimeOffset Time, long Hour, long Day, double Distance, string Origin, string Destination);
}
