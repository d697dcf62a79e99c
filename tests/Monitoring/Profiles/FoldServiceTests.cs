using Azure;
using Modeldrop.Errors;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Predictions;
using Modeldrop.Tensors;
using Modeldrop.Tests.Predictions;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Profiles;

public sealed partial class FoldServiceTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FoldAsync_NewRecords_CountsThemOnceByHourOfEventTime()
    {
        var world = new MonitoringWorld(azurite);
        ReferenceProfile reference = await world.SealAsync(1, Numbers100(), Letters("a", "b", "c", "c"));
        PredictionLog log = await world.Log.StartLogAsync();
        for (int index = 0; index < 300; index++)
        {
            log.Append(
                world.Request(log, 1, Noon.AddMinutes(index), Floats("x", [2, 1], index, -1), Letters(index % 2 == 0 ? "a" : "new", "")));
        }

        // Late: an hour of long ago, and one before 1970.
        log.Append(
            world.Request(
                log, 1, new DateTimeOffset(1969, 12, 31, 23, 30, 0, TimeSpan.Zero), Floats("x", [1, 1], float.NaN), Letters("c")));
        // Without the string, and with a number of another width.
        log.Append(world.Request(log, 1, Noon, Floats("x", [3, 2], new float[6])));
        await log.FlushAsync(Token);

        FoldResult first = await world.Runner.Fold.FoldAsync(world.Model, Token);
        FoldResult second = await world.Runner.Fold.FoldAsync(world.Model, Token);

        Assert.Equal((1, 302, 6), (first.Folds, first.Records, first.HourRows));
        Assert.Equal((0, 0, 0), (second.Folds, second.Packs, second.HourRows));
        // State, two hops, one partition.
        Assert.Equal(4, second.Transactions);
        List<HourRow> hours = await world.HoursAsync(1);
        Assert.Equal([-1, .. Enumerable.Range(0, 5).Select(hour => HourOf(Noon) + hour)], hours.Select(hour => hour.Hour));
        Assert.Equal([1, 61, 60, 60, 60, 60], hours.Select(hour => hour.Profile.Records));
        Assert.Equal([1, 123, 120, 120, 120, 120], hours.Select(hour => hour.Profile.Rows));
        Assert.All(hours, hour => Assert.Equal(reference.Digest, hour.Profile.Reference));
        Assert.Equal(61 * 1500, hours[1].Profile.DurationMicroseconds);

        FeatureCounts x = hours[1].Profile.Features[0];
        Assert.Equal((60, 3), (x.Bins[0], x.Missing));
        Assert.Equal((-1, 59), (x.Min, x.Max));
        FeatureCounts letter = hours[1].Profile.Features[1];
        // c, a, b, other, unseen: the reference's most frequent value first.
        Assert.Equal(new long[] { 0, 30, 0, 0, 30 }, letter.Bins);
        Assert.Equal(60 + 3, letter.Missing);
        Assert.Equal(1, hours[0].Profile.Features[0].NotANumber);

        log.Append(world.Request(log, 1, Noon, Floats("x", [1, 1], 5f), Letters("b")));
        await log.StopAsync(Token);
        FoldResult third = await world.Runner.Fold.FoldAsync(world.Model, Token);
        Assert.Equal((1, 1, 1), (third.Folds, third.Records, third.HourRows));
        Assert.Equal(new long[] { 0, 30, 1, 0, 30 }, (await world.HoursAsync(1))[1].Profile.Features[1].Bins);
    }

    [Fact]
    public async Task FoldAsync_AnyLog_EqualsACountOfTheRawRecords()
    {
        var world = new MonitoringWorld(azurite);
        world.Options.MaxPacksPerFold = 3;
        ReferenceProfile reference = await world.SealAsync(1, Numbers100(), Letters("a", "b"));
        await world.SealAsync(2, Numbers100(), Letters("a", "b"));
        var random = new Random(11);
        PredictionLog[] logs = [await world.Log.StartLogAsync(), await world.Log.StartLogAsync()];
        var expected = new Dictionary<long, HourProfile>();
        for (int round = 0; round < 8; round++)
        {
            for (int index = 0; index < 40; index++)
            {
                DateTimeOffset time = Noon.AddHours(random.Next(5)).AddSeconds(random.Next(3600));
                Tensor[] inputs = [Floats("x", [1, 1], (float)random.NextDouble() * 120), Letters(random.Next(3) == 0 ? "b" : "a")];
                int version = 1 + random.Next(2);
                PredictionLog log = logs[random.Next(2)];
                log.Append(world.Request(log, version, time, inputs));
                if (version == 1)
                {
                    HourProfile hour = expected.TryGetValue(HourOf(time), out HourProfile? known)
                        ? known
                        : expected[HourOf(time)] = HourProfile.Empty(reference);
                    hour.Records++;
                    hour.Rows++;
                    hour.DurationMicroseconds += 1500;
                    hour.MaxDurationMicroseconds = 1500;
                    hour.Keys.Add(InputKey.Of(inputs, 0));
                    new FeatureCounter(reference.Features[0]).Count(inputs[0], hour.Features[0]);
                    new FeatureCounter(reference.Features[1]).Count(inputs[1], hour.Features[1]);
                }
            }

            await Task.WhenAll(logs.Select(log => log.FlushAsync(Token)));
            if (round % 3 == 0)
            {
                await world.Runner.Fold.FoldAsync(world.Model, Token);
            }
        }

        FoldResult last = await world.Runner.Fold.FoldAsync(world.Model, Token);
        await Task.WhenAll(logs.Select(log => log.StopAsync(Token)));

        Assert.True(last.Folds > 1, "Several plans, each of three packs.");
        Assert.Equal(
            string.Join(
                '\n',
                expected.OrderBy(hour => hour.Key).Select(
                    hour => $"{hour.Key} {Convert.ToHexString(HourProfileCodec.Encode(hour.Value))}")),
            await world.FingerprintAsync(1));
        Assert.Equal(320, (await world.HoursAsync(1)).Concat(await world.HoursAsync(2)).Sum(hour => hour.Profile.Records));
    }

    [Fact]
    public async Task FoldAsync_VersionWithoutReference_CountsRecordsAndReportsIt()
    {
        var world = new MonitoringWorld(azurite);
        PredictionLog log = await world.Log.StartLogAsync();
        log.Append(world.Request(log, 7, Noon));
        await log.StopAsync(Token);

        FoldResult result = await world.Runner.Fold.FoldAsync(world.Model, Token);

        Assert.Equal([7], result.VersionsWithoutReference);
        HourRow hour = Assert.Single(await world.HoursAsync(7));
        Assert.Equal((1, 1, null, 0), (hour.Profile.Records, hour.Profile.Rows, hour.Profile.Reference, hour.Profile.Features.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FoldAsync_KilledAtEveryWrite_GivesTheSame(bool afterTheWrite)
    {
        var world = new MonitoringWorld(azurite);
        await world.SealAsync(1, Numbers100(), Letters("a", "b"));
        await world.SealAsync(2, Numbers100(), Letters("a", "b"));
        PredictionLog log = await world.Log.StartLogAsync();
        int expected = 0;
        int killed = 0;
        // Each round logs more, is killed at its n-th write, and is then repeated by another process.
        for (int round = 1; round <= 8; round++)
        {
            for (int index = 0; index < 30; index++, expected++)
            {
                // Two versions, hours far apart: the plan, three transactions each, the plan's end: eight writes.
                log.Append(world.Request(log, 1 + (index % 2), Noon.AddHours((index % 3) * 100), Floats("x", [1, 1], index), Letters("a")));
            }

            await log.FlushAsync(Token);
            int kill = round;
            var policy = new FaultPolicy();
            Action<int> fault = number =>
            {
                if (number >= kill)
                {
                    throw new InvalidOperationException("The test kills the process here.");
                }
            };
            (afterTheWrite ? (Action<Action<int>>)(action => policy.AfterWrite = action) : action => policy.BeforeWrite = action)(fault);
            try
            {
                await world.RunnerOn(world.AccountBehind(policy)).Fold.FoldAsync(world.Model, Token);
            }
            catch (InvalidOperationException)
            {
                killed++;
            }

            FoldResult repaired = await world.Runner.Fold.FoldAsync(world.Model, Token);
            Assert.True(afterTheWrite || repaired.Folds > 0, $"Killed before write {kill}.");
            List<HourRow> hours = [.. await world.HoursAsync(1), .. await world.HoursAsync(2)];
            Assert.Equal(expected, hours.Sum(hour => hour.Profile.Records));
            Assert.Equal(expected, hours.Sum(hour => hour.Profile.Features[0].Total()));
            Assert.Equal(0, (await world.Runner.Fold.FoldAsync(world.Model, Token)).Folds);
        }

        await log.StopAsync(Token);
        Assert.Equal(8, killed);
    }

    [Fact]
    public async Task FoldAsync_ManyRunnersAtOnce_CountOnce()
    {
        var world = new MonitoringWorld(azurite);
        world.Options.MaxPacksPerFold = 2;
        await world.SealAsync(1, Numbers100(), Letters("a", "b"));
        PredictionLog log = await world.Log.StartLogAsync();
        for (int round = 0; round < 6; round++)
        {
            for (int index = 0; index < 50; index++)
            {
                log.Append(world.Request(log, 1, Noon.AddHours(index % 4), Floats("x", [1, 1], index), Letters("b")));
            }

            await log.FlushAsync(Token);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.RunnerOn(world.Log.Account).Fold.FoldAsync(world.Model, Token)));
        }

        await log.StopAsync(Token);
        await world.Runner.Fold.FoldAsync(world.Model, Token);
        Assert.Equal(300, (await world.HoursAsync(1)).Sum(hour => hour.Profile.Features[1].Total()));
    }

    [Fact]
    public async Task FoldAsync_StoreFails_IsStoreUnavailable()
    {
        var world = new MonitoringWorld(azurite);
        PredictionLog log = await world.Log.StartLogAsync();
        log.Append(world.Request(log, 1, Noon));
        await log.StopAsync(Token);
        var policy = new FaultPolicy { BeforeWrite = _ => throw new RequestFailedException(403, "no") };
        var exception = await Assert.ThrowsAsync<ServiceException>(
            () => world.RunnerOn(world.AccountBehind(policy)).Fold.FoldAsync(world.Model, Token));
        Assert.Equal(ErrorCode.StoreUnavailable, exception.Code);
    }

    private static long HourOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / 3600;

    private static Tensor Numbers100() => Floats("x", [100, 1], [.. Enumerable.Range(0, 100).Select(value => (float)value)]);

    private static Tensor Letters(params string[] letters) => Tensor.OfStrings("s", [letters.Length, 1], letters);
}
