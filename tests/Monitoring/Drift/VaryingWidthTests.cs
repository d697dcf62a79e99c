using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.Manifests;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Reports;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Export;
using Modeldrop.Registry;
using Modeldrop.Tensors;
using Modeldrop.Tests.Probe;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Drift;

/// <summary>An input <c>[-1, -1]</c>, such as token ids: requests have rows of different widths.</summary>
public sealed partial class VaryingWidthTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);

    private static readonly Signature Varying =
        new([new("t", Datatype.Int64, [-1, -1]), new("y", Datatype.Fp32, [-1, 1])], [new("o", Datatype.Fp32, [-1, -1])]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FoldAsync_RequestsOfSeveralWidths_CountsOneElementAndTheWidthOfEachRow()
    {
        var world = new MonitoringWorld(azurite);
        await world.RegisterAsync(1);
        // A table of width 4: all elements of a row are its number, so each drawn element tells which row it is from.
        Tensor table = Tokens([40, 4], row => row % 8);
        ReferenceProfile reference = await world.Runner.References.WriteAsync(new VersionName(world.Model, 1),
            ReferenceProfiler.Build([table, Floats("y", [40, 1], new float[40])], [], Varying), Token);
        PredictionLog log = await world.Log.StartLogAsync();
        log.Append(world.Request(log, 1, Noon, Tokens([2, 3], row => row), Floats("y", [2, 1], 0, 1)));
        log.Append(world.Request(log, 1, Noon, Tokens([3, 5], row => 2 + row), Floats("y", [3, 1], 0, 0, 1)));
        log.Append(world.Request(log, 1, Noon, Tokens([4, 1], row => 4 + row), Floats("y", [4, 1], 0, 0, 0, 0)));
        // Without elements, without the input, and with a width of two dimensions.
        log.Append(world.Request(log, 1, Noon, Tokens([2, 0], row => row), Floats("y", [2, 1], 0, 0)));
        log.Append(world.Request(log, 1, Noon, Floats("y", [3, 1], 0, 0, 0)));
        log.Append(world.Request(log, 1, Noon, Tokens([1, 3, 2], _ => 7), Floats("y", [1, 1], 0)));
        await log.StopAsync(Token);

        await world.Runner.Fold.FoldAsync(world.Model, Token);

        HourProfile hour = Assert.Single(await world.HoursAsync(1)).Profile;
        Assert.Equal((6, 15), (hour.Records, hour.Rows));
        Assert.Equal(["t~element", "t~width", "y"], reference.Features.Select(feature => feature.Feature.Name));
        (FeatureCounts elements, FeatureCounts widths, FeatureCounts y) = (hour.Features[0], hour.Features[1], hour.Features[2]);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7"], reference.Features[0].Values!);
        // Rows 0 to 1, 2 to 4, 4 to 7, and 7; then other and unseen.
        Assert.Equal([1, 1, 1, 1, 2, 1, 1, 2, 0, 0], elements.Bins);
        Assert.Equal((5, 3), (elements.Missing, widths.Missing));
        Assert.Equal(new Dictionary<string, long> { ["< 1"] = 2, ["1 to 2"] = 4, ["3 to 4"] = 2, ["5 to 6"] = 3, ["6 to 8"] = 1 },
            reference.Features[1].BinLabels().Zip(widths.Bins).Where(bin => bin.Second > 0).ToDictionary());
        Assert.Equal((0, 6, 12), (widths.Min, widths.Max, widths.Finite));
        // (2*3 + 3*5 + 4*1 + 2*0 + 6) / 12
        Assert.Equal(31 / 12.0, reference.Features[1].MeanOf(widths)!.Value, 1e-6);
        // Pairs of rows of the same request.
        Assert.Equal((2 + 6 + 12 + 2, 2 + 6 + 12), (widths.Pairs, elements.Pairs));
        Assert.Equal((15, 0), (y.Total(), y.Missing));
    }

    [Theory]
    [InlineData(Datatype.Int64)]
    [InlineData(Datatype.Fp32)]
    [InlineData(Datatype.Bytes)]
    public async Task FoldAsync_LoggedReference_HasTheCountsOfTheSameRequests(Datatype datatype)
    {
        var world = new MonitoringWorld(azurite);
        world.Options.ReferenceRows = 200;
        await world.RegisterAsync(1, Varying);
        var random = new Random(4);
        Tensor[] requests = [.. Enumerable.Range(0, 100).Select(_ =>
        {
            (int rows, int width) = (1 + random.Next(5), 1 + random.Next(60));
            long[] tokens = [.. Enumerable.Range(0, rows * width).Select(_ => (long)random.Next(datatype == Datatype.Bytes ? 40 : 5_000))];
            return datatype switch
            {
                Datatype.Bytes => Tensor.OfStrings("t", [rows, width], [.. tokens.Select(token => $"w{token}")]),
                Datatype.Fp32 => Floats("t", [rows, width], [.. tokens.Select(token => (float)token)]),
                _ => Numbers("t", Datatype.Int64, [rows, width], tokens),
            };
        })];
        await LogAsync(world, Noon, requests.Select(request => (Tensor[])[request, Floats("y", [request.Shape[0], 1],
            new float[request.Shape[0]])]));

        Assert.True(await SealAsync(world));
        await world.Runner.Fold.FoldAsync(world.Model, Token);

        ReferenceProfile profile = (await world.Runner.References.FindAsync(new VersionName(world.Model, 1), Token))!;
        FeatureCounts[] hour = [.. (await world.HoursAsync(1)).Single().Profile.Features];
        int rows = (int)profile.Rows;
        Assert.Equal(requests.Sum(request => request.Shape[0]), rows);
        Assert.All(profile.Features.Zip(hour), pair => Assert.Equal(pair.First.Counts.Bins, pair.Second.Bins));
        Assert.Equal(["t~element", "t~width", "y", "o~element", "o~width"], profile.Features.Select(feature => feature.Feature.Name));
        Assert.All(hour, counts => Assert.Equal(rows, counts.Total()));
        Assert.Equal(hour[1].Bins, hour[4].Bins);
        Assert.False(profile.Features[1].IsFixed);
        RowSample sample = RowSample.Decode((await new VersionStore(world.Log.Account).FindDocumentAsync(
            new VersionName(world.Model, 1), VersionDocuments.Sample, Token))!);
        Assert.Equal(["t~element", "t~width", "y", "output o~element", "output o~width"], sample.Features);
        Assert.Equal(sample.Columns[1], sample.Columns[4]);
        Assert.Equal(rows, sample.Rows);
        Assert.Equal(profile.Features[1].Counts.Min, sample.Columns[1].Min());
        Assert.True(sample.Columns[1].Distinct().Count() > 20);
    }

    [Fact]
    public async Task WatchAsync_TableOfAnotherWidth_SaysWhyTheWidthHasNoVerdict_AndTrafficShowsIt()
    {
        var world = new MonitoringWorld(azurite);
        await world.RegisterAsync(1);
        var random = new Random(16);
        ReferenceProfile reference = await world.Runner.References.WriteAsync(
            new VersionName(world.Model, 1), ReferenceProfiler.Build([Row(random, 2_000, 4, 0)], [], Varying), Token);
        await LogAsync(world, Noon, Enumerable.Range(0, 400).Select(index => (Tensor[])[Row(random, 1, 1 + (index % 9), 0)]));
        await LogAsync(world, Noon.AddHours(1), Enumerable.Range(0, 400).Select(index => (Tensor[])[Row(random, 1, 3 + (index % 27), 0)]));
        await world.Runner.Fold.FoldAsync(world.Model, Token);

        DriftReport report = await world.Runner.Drift.CheckAsync(
            new VersionName(world.Model, 1), Noon, Noon.AddHours(1), DriftBaseline.Reference, Token);
        Assert.False(report.Drifted);
        Assert.Equal("No drift in 1 features over 400 rows. Without a verdict: t~width.", report.Summary);
        Assert.Equal(["t~element"], report.Features.Where(feature => feature.Test is not null).Select(feature => feature.Name));
        Assert.Equal("All rows of a data file have the same number of elements, here 4, whatever the traffic has. "
            + "A 'monitoring.baseline' of earlier traffic compares the number.", report.Features[1].NoVerdict);
        Assert.Empty(report.Features[1].Issues);
        Assert.Equal(["t~element"], Watched(DriftWatch.BaselineOf(reference, null, ofLog: false)));
        Assert.Equal(["t~element", "t~width"], Watched(DriftWatch.BaselineOf(reference, null, ofLog: true)));
        Assert.Equal(["t~element"], new RowSampler(reference).Names);

        DriftReport between = await world.Runner.Drift.CompareAsync(new VersionName(world.Model, 1), Noon.AddHours(1), Noon.AddHours(2),
            new DriftBaseline(Noon, Noon.AddHours(1), 0), Token);
        Assert.Equal([false, true], between.Features.Select(feature => feature.Drifted));
        Assert.StartsWith("1 of 2 features drifted over 400 rows: t~width.", between.Summary, StringComparison.Ordinal);

        IEnumerable<string> Watched(WatchBaseline baseline) =>
            baseline.Tested.Select(feature => reference.Features[feature].Feature.Name);
    }

    [Fact]
    public async Task Reports_LongerTexts_AreSeenByWatchJointDriftAndPages()
    {
        var world = new MonitoringWorld(azurite);
        world.Options.ReferenceRows = 1_000;
        await world.RegisterAsync(1, Varying);
        var random = new Random(17);
        await LogAsync(world, Noon.AddHours(-9), Requests(random, 500, 1));
        Assert.True(await SealAsync(world));
        await LogAsync(world, Noon, Requests(random, 300, 1));
        await LogAsync(world, Noon.AddHours(1), Requests(random, 300, 3));
        await world.Runner.Fold.FoldAsync(world.Model, Token);

        var name = new VersionName(world.Model, 1);
        DriftReport same = await world.Runner.Drift.CheckAsync(name, Noon, Noon.AddHours(1), DriftBaseline.Reference, Token);
        DriftReport changed = await world.Runner.Drift.CheckAsync(
            name, Noon.AddHours(1), Noon.AddHours(2), DriftBaseline.Reference, Token);
        Assert.Equal((false, DriftStatus.Checked), (same.Drifted, same.Status));
        Assert.Equal(["t~width", "o~element", "o~width"],
            changed.Features.Where(feature => feature.Drifted).Select(feature => feature.Name));

        var documents = new JointDriftReports(new VersionStore(world.Log.Account));
        var joint = new JointDrift(
            new RegistryStore(world.Log.Account, TimeProvider.System), new VersionStore(world.Log.Account), documents,
            world.Runner.References, new PredictionStore(world.Log.Account), ProbeFixture.Service(),
            Options.Create(new MonitoringOptions()), TimeProvider.System, NullLogger<JointDrift>.Instance);
        Assert.False((await joint.RunAsync(name, Noon, Noon.AddHours(1), Token)).Drifted);
        JointDriftReport together = await joint.RunAsync(name, Noon.AddHours(1), Noon.AddHours(2), Token);
        Assert.True(together.Drifted, together.Summary);
        Assert.EndsWith("~width", together.Result!.Features[0].Name, StringComparison.Ordinal);

        var pages = new DriftPages(
            world.Runner.Reports, documents, world.Runner.Profiles, world.Runner.References,
            new RegistryStore(world.Log.Account, TimeProvider.System), new PredictionStore(world.Log.Account), TimeProvider.System);
        Assert.Contains("t~width", await pages.RenderAsync(changed, Token), StringComparison.Ordinal);
        string widest = changed.Features[1].Bins[^1].Bin;
        string page = await pages.RenderFeatureAsync(changed, "t~width", isOutput: false, widest, Token);
        Assert.Contains("Drifted.", page, StringComparison.Ordinal);
        Assert.Contains("20 requests; not all of the log was read", page, StringComparison.Ordinal);
        Assert.Contains("requests", await pages.RenderFeatureAsync(changed, "t~element", isOutput: false, changed.Features[0].Bins[2].Bin,
            Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_RowsOfSeveralWidths_AreListsInOneCell()
    {
        var world = new MonitoringWorld(azurite);
        await LogAsync(world, Noon, [[Tokens([2, 3], row => row + 1)], [Tokens([1, 1], _ => 9)], [Tokens([1, 2], _ => 5)]]);
        var columns = new ExportColumns();
        columns.Add(new Signature([new("t", Datatype.Int64, [-1, -1])], []));
        using var stream = new MemoryStream();
        await CsvExport.WriteAsync(stream, columns, new PredictionStore(world.Log.Account).ReadPacksAsync(
            world.Model, Noon.AddYears(-1), Noon.AddYears(9), Token).SelectMany(pack => PredictionStore.ReadRecords(pack)), Token);

        string[] lines = System.Text.Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["in.t", "\"[1,1,1]\"", "\"[2,2,2]\"", "[9]", "\"[5,5]\""],
            lines.Select(line => line[(line.IndexOf(line.StartsWith("id", StringComparison.Ordinal) ? "in.t"
                : line.Contains('"', StringComparison.Ordinal) ? "\"" : "[", StringComparison.Ordinal))..]));
    }

    private static IEnumerable<Tensor[]> Requests(Random random, int requests, int longer) => Enumerable.Range(0, requests).Select(_ =>
        1 + random.Next(4) is var rows ? (Tensor[])[Row(random, rows, longer * (1 + random.Next(12)), 0), Floats("y", [rows, 1],
            [.. Enumerable.Range(0, rows).Select(_ => (float)random.NextDouble())])] : []);

    /// <summary>Each row is about one of ten topics, and its elements are close to each other.</summary>
    private static Tensor Row(Random random, int rows, int width, long shift) => Numbers("t", Datatype.Int64, [rows, width],
        [.. Enumerable.Range(0, rows).SelectMany(_ => random.Next(10) is var topic
            ? Enumerable.Range(0, width).Select(_ => (100 * (topic + shift)) + random.Next(100)) : [])]);

    /// <summary>All elements of a row are equal.</summary>
    private static Tensor Tokens(long[] shape, Func<int, long> value) => Numbers("t", Datatype.Int64, shape,
        [.. Enumerable.Range(0, (int)shape[0]).SelectMany(row => Enumerable.Repeat(value(row), (int)Tensor.CountOf(shape.AsSpan(1))))]);

    private static Task<bool> SealAsync(MonitoringWorld world) => new LoggedReference(
        new PredictionStore(world.Log.Account), new VersionStore(world.Log.Account), world.Runner.References, Options.Create(world.Options),
        TimeProvider.System, NullLogger<LoggedReference>.Instance).TrySealAsync(new VersionName(world.Model, 1), Token);

    private static async Task LogAsync(MonitoringWorld world, DateTimeOffset at, IEnumerable<Tensor[]> requests)
    {
        PredictionLog log = await world.Log.StartLogAsync();
        foreach ((int index, Tensor[] inputs) in requests.Index())
        {
            // An output of the same widths.
            Assert.True(log.Append(world.Request(log, 1, at.AddSeconds(index), inputs) with
            {
                Outputs = [Floats("o", inputs[0].Shape, [.. Enumerable.Range(0, (int)inputs[0].Count).Select(place => (float)place)])],
            }));
        }

        await log.StopAsync(Token);
    }
}
