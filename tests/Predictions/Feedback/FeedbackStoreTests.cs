using Microsoft.Extensions.Time.Testing;
using Modeldrop.Names;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Predictions.Feedback;

/// <summary>Labels arrive early, late, twice and corrected. The last one counts, and earlier states of knowledge stay available.</summary>
public sealed class FeedbackStoreTests
{
    private static readonly DateTimeOffset Scored = new(2026, 3, 1, 10, 30, 0, TimeSpan.Zero);
    private static readonly ModelName Flights = ModelName.Parse("flights");

    private readonly FakeTimeProvider _clock = new(Scored);
    private readonly FeedbackStore _store;

    public FeedbackStoreTests(AzuriteFixture azurite) => _store = new FeedbackStore(azurite.CreateAccount(), _clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_TheSameAgain_ChangesNothing_AndACorrectionCounts()
    {
        PredictionId id = Id(1);
        Assert.Equal((1, 0), await WriteAsync(id, "1"));
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal((0, 1), await WriteAsync(id, "1"));
        _clock.Advance(TimeSpan.FromDays(20));
        Assert.Equal((1, 0), await WriteAsync(id, "0"));
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal((1, 0), await WriteAsync(id, "1"));

        Assert.Equal(["1", "0", "1"], (await _store.ListAsync(id, Token)).Select(one => one.Labels[0]));
        Assert.Equal("1", (await ReadAsync())[id].Labels[0]);
        Assert.Equal("0", (await ReadAsync(Scored.AddDays(21.5)))[id].Labels[0]);
        Assert.Equal("1", (await ReadAsync(Scored.AddDays(20)))[id].Labels[0]);
        Assert.Empty(await ReadAsync(Scored.AddDays(-1)));
    }

    [Fact]
    public async Task Write_Many_CountsTransactionsByHour()
    {
        FeedbackEntry[] entries = [
            .. Enumerable.Range(0, 250).Select(number => new FeedbackEntry(Id((uint)number, hours: number % 2), [$"{number}"]))];
        using StorageMeter meter = StorageMeter.Start();

        Assert.Equal((250, 0), await _store.WriteAsync(entries, "ann", Token));

        // Two transactions of up to 100 rows for each of two hours; new labels need no reads.
        Assert.Equal(4, meter.Transactions);
        Assert.Equal((0, 250), await _store.WriteAsync(entries, "ann", Token));
        Assert.Equal(4 + 8, meter.Transactions);
        Assert.Equal(250, (await ReadAsync()).Count);
        Assert.Equal(125, (await _store.ReadAsync(Flights, Scored, Scored, null, Token)).Count);
        Assert.Empty(await _store.ReadAsync(ModelName.Parse("penguins"), Scored, Scored.AddHours(2), null, Token));
    }

    [Fact]
    public async Task Write_TwiceInOneRequest_TheLastCounts()
    {
        Assert.Equal(
            (1, 1),
            await _store.WriteAsync([new FeedbackEntry(Id(1), ["a"]), new FeedbackEntry(Id(1), ["b"])], "ann", Token));

        Assert.Equal(["b"], (await ReadAsync())[Id(1)].Labels);
    }

    [Fact]
    public async Task Write_RowByRow_AddsUp()
    {
        Assert.Equal((2, 0), await WriteAsync(new FeedbackEntry(Id(1), [null, "b", "c"], IsWhole: false, Lines: 2)));
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal((1, 0), await WriteAsync(new FeedbackEntry(Id(1), ["a"], IsWhole: false)));
        Assert.Equal((0, 1), await WriteAsync(new FeedbackEntry(Id(1), [null, "b"], IsWhole: false)));

        StoredFeedback known = (await ReadAsync())[Id(1)];
        Assert.Equal(["a", "b", "c"], known.Labels);
        Assert.Equal(["a", "b", "c", null], known.LabelsOf(4)!);
        Assert.Null(known.LabelsOf(2));
        Assert.Equal([null, "b", "c"], (await ReadAsync(Scored.AddHours(1)))[Id(1)].Labels);
        _clock.Advance(TimeSpan.FromDays(1));
        await WriteAsync(new FeedbackEntry(Id(1), ["x", "y"]));
        _clock.Advance(TimeSpan.FromDays(1));
        await WriteAsync(new FeedbackEntry(Id(1), [null, "z"], IsWhole: false));
        Assert.Equal(["x", "z"], (await ReadAsync())[Id(1)].LabelsOf(2)!);
        Assert.Null((await ReadAsync())[Id(1)].LabelsOf(3));
    }

    [Fact]
    public async Task DeleteBefore_AnInstant_DeletesWholeHours()
    {
        await WriteAsync(Id(1), "1");
        await WriteAsync(Id(2, hours: 3), "1");

        Assert.Equal(1, await _store.DeleteBeforeAsync(Scored.AddHours(2), Token));

        Assert.Equal([Id(2, hours: 3)], (await ReadAsync()).Keys);
    }

    private static PredictionId Id(uint sequence, int hours = 0) =>
        new(PredictionId.HashOf(Flights), PredictionId.HourOf(Scored.AddHours(hours)), 7, sequence);

    private Task<(int Stored, int Unchanged)> WriteAsync(FeedbackEntry entry) =>
        _store.WriteAsync([entry], "ann", Token);

    private Task<(int Stored, int Unchanged)> WriteAsync(PredictionId id, string label) =>
        _store.WriteAsync([new FeedbackEntry(id, [label])], "ann", Token);

    private Task<Dictionary<PredictionId, StoredFeedback>> ReadAsync(DateTimeOffset? asOf = null) =>
        _store.ReadAsync(Flights, Scored, Scored.AddHours(5), asOf, Token);
}
