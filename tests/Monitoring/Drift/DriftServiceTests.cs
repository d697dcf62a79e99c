using System.Globalization;
using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Storage;
using Modeldrop.Tensors;
using Sylvan.Data.Csv;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Drift;

public sealed class DriftServiceTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CheckAsync_ThreeDaysOfFlights_CountsEqualTheFileAndTheDaysAreFound()
    {
        var world = new MonitoringWorld(azurite);
        List<Flight> reference = Read("reference.csv");
        List<Flight> stream = [.. Read("stream.csv").Take(15_000)];
        await world.SealAsync(1, Tensors(reference));
        PredictionLog log = await world.Log.StartLogAsync();
        foreach (Flight flight in stream)
        {
            while (!log.Append(world.Request(log, 1, flight.Time, Tensors([flight]))))
            {
                await log.FlushAsync(Token);
            }
        }

        await log.StopAsync(Token);
        FoldResult fold = await world.Runner.Fold.FoldAsync(world.Model, Token);
        Assert.Equal(stream.Count, fold.Records);
        Assert.Equal(
            stream.CountBy(flight => flight.Time.ToUnixTimeSeconds() / 3600).OrderBy(hour => hour.Key)
                .Select(hour => (hour.Key, (long)hour.Value)),
            (await world.HoursAsync(1)).Select(hour => (hour.Hour, hour.Profile.Rows)));

        DateTimeOffset from = new(2001, 2, 10, 0, 0, 0, TimeSpan.Zero);
        DateTimeOffset to = new(2001, 2, 13, 0, 0, 0, TimeSpan.Zero);
        DriftReport report = await world.Runner.Drift.CheckAsync(new VersionName(world.Model, 1), from, to, DriftBaseline.Reference, Token);

        List<Flight> window = [.. stream.Where(flight => flight.Time >= from && flight.Time < to)];
        Assert.Equal((window.Count, 20_000, 0), (report.Rows, report.ReferenceRows, report.OtherRows));
        Assert.Equal(DriftStatus.Checked, report.Status);
        // One query reads the hours of the window; the profile is cached since the fold.
        Assert.Equal(1, report.Transactions);
        FeatureDrift day = report.Features.Single(feature => feature.Name == "dow");
        // Three days of the week compared with all seven: this reflects when the rows arrived and is not drift.
        Assert.Equal((false, null), (day.Drifted, day.Test));
        Assert.StartsWith("The day of the week", day.NoVerdict, StringComparison.Ordinal);
        Assert.All(day.Bins.Where(bin => !bin.Bin.StartsWith('(')), bin =>
        {
            long value = long.Parse(bin.Bin, CultureInfo.InvariantCulture);
            Assert.Equal(
                (reference.Count(flight => flight.Day == value), window.Count(flight => flight.Day == value)),
                (bin.Reference, bin.Current));
        });
        FeatureDrift distance = report.Features.Single(feature => feature.Name == "distance");
        Assert.False(distance.Drifted);
        Assert.Equal(window.Average(flight => flight.Distance), distance.CurrentMean!.Value, 1e-3);
        Assert.Contains("Without a verdict: hour, dow", report.Summary, StringComparison.Ordinal);

        DriftReport latest = (await world.Runner.Reports.FindLatestAsync(world.Model, null, Token))!;
        Assert.Equal(JsonSerializer.Serialize(report, StoredJson.Options), JsonSerializer.Serialize(latest, StoredJson.Options));
    }

    [Fact]
    public async Task CheckAsync_HalvesOfAWeek_AreAlike_AndANightIsNotDriftOfTheHour()
    {
        var world = new MonitoringWorld(azurite);
        DateTimeOffset from = new(2001, 3, 1, 0, 0, 0, TimeSpan.Zero);
        Flight[] week = [.. Read("stream.csv").Where(flight => flight.Time >= from && flight.Time < from.AddDays(7))];
        new Random(4).Shuffle(week);
        await world.SealAsync(1, Tensors(week[..(week.Length / 2)]));
        PredictionLog log = await world.Log.StartLogAsync();
        foreach (IGrouping<bool, Flight> part in week[(week.Length / 2)..].GroupBy(flight => flight.Time.Hour is >= 6 and < 22))
        {
            foreach (Flight[] rows in part.Chunk(50))
            {
                log.Append(world.Request(log, 1, part.Key ? Noon : Noon.AddDays(-1), Tensors(rows)));
            }
        }

        await log.StopAsync(Token);
        await world.Runner.Fold.FoldAsync(world.Model, Token);

        DriftReport other = await world.Runner.Drift.CompareAsync(
            new VersionName(world.Model, 1), Noon.AddDays(-1), Noon.AddHours(1), DriftBaseline.Reference, Token);
        DriftReport night = await world.Runner.Drift.CompareAsync(
            new VersionName(world.Model, 1), Noon.AddDays(-1), Noon.AddHours(-1), DriftBaseline.Reference, Token);

        Assert.Equal((DriftStatus.Checked, false), (other.Status, other.Drifted));
        FeatureDrift hour = night.Features.Single(feature => feature.Name == "hour");
        Assert.False(hour.Drifted);
        Assert.StartsWith("The hour of the day", hour.NoVerdict, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_RandomHalvesOfTheReference_AreNotDrift()
    {
        var world = new MonitoringWorld(azurite);
        Flight[] flights = [.. Read("reference.csv")];
        new Random(1).Shuffle(flights);
        await world.SealAsync(1, Tensors(flights[..10_000]));
        PredictionLog log = await world.Log.StartLogAsync();
        foreach (Flight[] rows in flights[10_000..].Chunk(500))
        {
            log.Append(world.Request(log, 1, Noon, Tensors(rows)));
        }

        await log.StopAsync(Token);
        await world.Runner.Fold.FoldAsync(world.Model, Token);
        DriftReport report = await world.Runner.Drift.CheckAsync(
            new VersionName(world.Model, 1), Noon, Noon.AddMinutes(1), DriftBaseline.Reference, Token);
        Assert.Equal((DriftStatus.Checked, false, 10_000, 20), (report.Status, report.Drifted, report.Rows, report.Records));
        Assert.Equal((Noon, Noon.AddHours(1)), (report.From, report.To));
        Assert.StartsWith("No drift in ", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_NoReferenceOrTooFewRows_ReportsIt()
    {
        var world = new MonitoringWorld(azurite);
        await world.SealAsync(2, Floats("x", [200, 1], [.. Enumerable.Range(0, 200).Select(value => (float)value)]));
        PredictionLog log = await world.Log.StartLogAsync();
        log.Append(world.Request(log, 1, Noon));
        log.Append(world.Request(log, 2, Noon, Floats("x", [1, 1], 3)));
        await log.StopAsync(Token);
        await world.Runner.Fold.FoldAsync(world.Model, Token);

        DriftReport without = await world.Runner.Drift.CheckAsync(
            new VersionName(world.Model, 1), Noon, Noon.AddHours(1), DriftBaseline.Reference, Token);
        DriftReport few = await world.Runner.Drift.CheckAsync(
            new VersionName(world.Model, 2), Noon, Noon.AddHours(1), DriftBaseline.Reference, Token);
        DriftReport always = await world.Runner.Drift.CompareAsync(
            new VersionName(world.Model, 2), DateTimeOffset.MinValue, DateTimeOffset.MaxValue, DriftBaseline.Reference, Token);
        Assert.Equal((1, DateTimeOffset.MinValue, DateTimeOffset.MaxValue), (always.Rows, always.From, always.To));
        DriftReport none = await world.Runner.Drift.CompareAsync(
            new VersionName(world.Model, 3), Noon, Noon.AddHours(1), DriftBaseline.Reference, Token);

        Assert.Equal((DriftStatus.NoReference, 1, false), (without.Status, without.Rows, without.Drifted));
        Assert.Equal((DriftStatus.TooFewRows, 1, false), (few.Status, few.Rows, few.Drifted));
        Assert.Contains("100", few.Summary, StringComparison.Ordinal);
        Assert.Equal((DriftStatus.NoReference, 0), (none.Status, none.Rows));
        Assert.Equal([2, 1], (await world.Runner.Reports.ListAsync(world.Model, null, 10, Token)).Select(report => report.Version));
        Assert.Equal(1, (await world.Runner.Reports.FindLatestAsync(world.Model, 1, Token))!.Version);
        Assert.Null(await world.Runner.Reports.FindLatestAsync(world.Model, 3, Token));
    }

    [Fact]
    public async Task CheckAsync_EmptyWindow_IsTheCallersError()
    {
        var world = new MonitoringWorld(azurite);
        var exception = await Assert.ThrowsAsync<ServiceException>(
            () => world.Runner.Drift.CheckAsync(new VersionName(world.Model, 1), Noon, Noon, DriftBaseline.Reference, Token));
        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
    }

    private static Tensor[] Tensors(IReadOnlyList<Flight> flights) =>
    [
        Numbers("hour", Datatype.Int64, [flights.Count, 1], [.. flights.Select(flight => flight.Hour)]),
        Numbers("dow", Datatype.Int64, [flights.Count, 1], [.. flights.Select(flight => flight.Day)]),
        Floats("distance", [flights.Count, 1], [.. flights.Select(flight => flight.Distance)]),
        Tensor.OfStrings("origin", [flights.Count, 1], [.. flights.Select(flight => flight.Origin)]),
        Tensor.OfStrings("destination", [flights.Count, 1], [.. flights.Select(flight => flight.Destination)]),
    ];

    private static List<Flight> Read(string file)
    {
        string folder = AppContext.BaseDirectory;
        while (!Directory.Exists(Path.Combine(folder, "samples", "flights")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        using CsvDataReader csv = CsvDataReader.Create(Path.Combine(folder, "samples", "flights", file));
        var flights = new List<Flight>();
        while (csv.Read())
        {
            flights.Add(new Flight(
                DateTimeOffset.Parse(csv.GetString(0), CultureInfo.InvariantCulture),
                csv.GetInt64(1),
                csv.GetInt64(2),
                csv.GetFloat(3),
                csv.GetString(4),
                csv.GetString(5)));
        }

        return flights;
    }

    private sealed record Flight(DateTimeOffset Time, long Hour, long Day, float Distance, string Origin, string Destination);
}
