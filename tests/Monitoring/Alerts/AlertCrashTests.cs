using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Storage;
using Modeldrop.Tensors;
using Modeldrop.Tests.Predictions;
using Modeldrop.Tests.Webhooks;
using Modeldrop.Webhooks;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Alerts;

/// <summary>
/// A process dies at every write of fold, check, alert and delivery. The counts equal those of a clean run, and a receiver gets one alert,
/// under one id.
/// </summary>
public sealed class AlertCrashTests(AzuriteFixture azurite)
{
    private const int HoursOfTraffic = 6;
    private const int RowsAnHour = 200;

    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CheckAndNotify_KilledAtEveryWrite_CountsOnceAndNotifiesOnce(bool afterTheWrite)
    {
        int killed = 0;
        bool survived = false;
        string? clean = null;
        for (int kill = 1; !survived; kill++)
        {
            await using Receiver receiver = await Receiver.StartAsync();
            var clock = new FakeTimeProvider(Start.AddHours(HoursOfTraffic).AddMinutes(15));
            MonitoringWorld world = await ShiftedAsync();
            int dies = kill;
            Action<int> fault = number =>
            {
                if (number >= dies)
                {
                    throw new InvalidOperationException("The test kills the process here.");
                }
            };
            var policy = new FaultPolicy { BeforeWrite = afterTheWrite ? null : fault, AfterWrite = afterTheWrite ? fault : null };
            try
            {
                await RunAsync(world, world.AccountBehind(policy), clock, receiver);
                survived = true;
            }
            catch (InvalidOperationException)
            {
                killed++;
            }

            // The dead process's lease expires, so its alert is due again.
            clock.Advance(TimeSpan.FromMinutes(2));
            await RunAsync(world, world.Log.Account, clock, receiver);
            await RunAsync(world, world.Log.Account, clock, receiver);

            Alert alert = Assert.Single(
                (await new AlertStore(world.Log.Account, clock).ListAsync(new AlertQuery(10, world.Model), Token)).Alerts);
            Assert.Equal(DeliveryStatus.Delivered, alert.Status);
            Assert.Equal([alert.Id], receiver.Deliveries.Select(delivery => delivery.Id).Distinct());
            DriftReport report = (await world.Runner.Reports.FindLatestAsync(world.Model, 1, Token))!;
            Assert.Equal((true, (long)HoursOfTraffic * RowsAnHour), (report.Alarm, report.Watch!.Rows));
            string counts = await world.FingerprintAsync(1);
            Assert.Equal(clean ??= counts, counts);
        }

        // Plan, hours and end of the fold; the watch; the report; the alert; claim and end of its delivery.
        Assert.InRange(killed, 8, 20);
    }

    /// <summary>The writes of one timer run.</summary>
    private static async Task RunAsync(MonitoringWorld world, StorageAccount account, FakeTimeProvider clock, Receiver receiver)
    {
        MonitoringRunner runner = world.RunnerOn(account, clock);
        var alerts = new AlertStore(account, clock);
        await runner.Fold.FoldAsync(world.Model, Token);
        DriftReport report = await runner.Drift.WatchAsync(
            new VersionName(world.Model, 1), Start, clock.GetUtcNow(), Start, DriftBaseline.Reference, Token);
        Assert.True(report.Alarm);
        await alerts.RaiseAsync(
            new VersionName(world.Model, 1), AlertKind.Drift, report.Summary, JsonSerializer
                .SerializeToElement(new { report.Rows }), receiver.Address,
            Token);
        using var sender = new WebhookSender(Options.Create(new WebhookOptions { AllowPrivateAddresses = true }), clock);
        var delivery = new AlertDelivery(alerts, sender, clock, NullLogger<AlertDelivery>.Instance);
        await delivery.DeliverAsync(Token);
    }

    /// <summary>Six hours of traffic that no season of the reference can explain, identical each time.</summary>
    private async Task<MonitoringWorld> ShiftedAsync()
    {
        var random = new Random(9);
        var world = new MonitoringWorld(azurite);
        await world.SealAsync(1, Sample(random, 2000, 0));
        PredictionLog log = await world.Log.StartLogAsync();
        for (int hour = 0; hour < HoursOfTraffic; hour++)
        {
            for (int row = 0; row < RowsAnHour; row++)
            {
                Assert.True(log.Append(world.Request(log, 1, Start.AddHours(hour), Sample(random, 1, 100))));
            }
        }

        await log.StopAsync(Token);
        return world;
    }

    private static Tensor Sample(Random random, int rows, double shift) => Numbers(
        "x", Datatype.Fp64, [rows, 1],
        [
            .. Enumerable.Range(0, rows).Select(
                _ => shift + (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))]);
}
