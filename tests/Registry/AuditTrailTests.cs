using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Registry;

public sealed class AuditTrailTests
{
    private readonly RegistryKit _kit;
    private readonly AuditTrail _audit;

    public AuditTrailTests(AzuriteFixture azurite)
    {
        _kit = new RegistryKit(azurite);
        _audit = new AuditTrail(_kit.Store, new RegistryFeed(_kit.Account));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_AllModels_AreInOrderOfTime()
    {
        foreach (string model in (string[])["b", "a", "b"])
        {
            await DescribeAsync(model, 1);
        }

        AuditPage page = await _audit.ReadAsync(new AuditQuery(null, null, null, 10), Cancelled);

        Assert.Equal(["b", "a", "b"], page.Entries.Select(entry => entry.Model.Value));
        Assert.All(page.Entries, entry => Assert.Equal(new Actor("ann", "why", Ids.Operation("op")), entry.Event.Actor));
        Assert.False(page.More);
    }

    [Fact]
    public async Task ReadAsync_NoEvents_IsEmpty()
    {
        AuditPage page = await _audit.ReadAsync(new AuditQuery(null, null, DateTimeOffset.UnixEpoch, 10), Cancelled);

        Assert.Empty(page.Entries);
        Assert.False(page.More);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a")]
    public async Task ReadAsync_MoreThanTheLimit_GivesTheNewestAndReportsMore(string? model)
    {
        for (int number = 0; number < 5; number++)
        {
            await DescribeAsync("a", 1);
        }

        AuditPage cut = await _audit.ReadAsync(new AuditQuery(ModelName.Find(model), null, null, 4), Cancelled);
        AuditPage whole = await _audit.ReadAsync(new AuditQuery(ModelName.Find(model), null, null, 5), Cancelled);

        Assert.Equal([2L, 3, 4, 5], cut.Entries.Select(entry => entry.Event.Sequence));
        Assert.True(cut.More);
        Assert.Equal(5, whole.Entries.Count);
        Assert.False(whole.More);
    }

    /// <summary>The feed is longer than one read: the period is found in the middle, with nothing missing at its ends.</summary>
    [Fact]
    public async Task ReadAsync_APastPeriod_IsComplete()
    {
        DateTimeOffset start = _kit.Clock.GetUtcNow();
        for (int minute = 0; minute < 40; minute++)
        {
            // Events of two models that get their positions in one step, not in the order of time.
            await DescribeAsync("a", 40, TimeSpan.FromSeconds(30));
            await DescribeAsync("b", 40, TimeSpan.FromSeconds(30));
            if (minute % 7 == 0)
            {
                await new RegistryFeed(_kit.Account).PlaceAsync(Cancelled);
            }
        }

        foreach ((int from, int to) in ((int, int)[])[(0, 2), (11, 13), (5, 30), (38, 40), (50, 60)])
        {
            AuditPage page = await _audit.ReadAsync(
                new AuditQuery(null, start.AddMinutes(from), start.AddMinutes(to), AuditQuery.MaxLimit), Cancelled);

            Assert.Equal(80 * Math.Max(0, Math.Min(40, to) - from), page.Entries.Count);
            Assert.False(page.More);
            Assert.Equal(page.Entries.Select(entry => entry.Event.At).Order(), page.Entries.Select(entry => entry.Event.At));
        }
    }

    [Fact]
    public async Task ReadAsync_ReaderOfSomeModels_GetsAFullPageOfThese()
    {
        await DescribeAsync("a", 3);
        await DescribeAsync("b", 50);
        AuditQuery query = new AuditQuery(null, null, null, 3) { Sees = model => model.Value == "a" };

        AuditPage page = await _audit.ReadAsync(query, Cancelled);
        AuditPage other = await _audit.ReadAsync(query with { Model = ModelName.Parse("b") }, Cancelled);

        Assert.Equal(["a", "a", "a"], page.Entries.Select(entry => entry.Model.Value));
        Assert.False(page.More);
        Assert.Empty(other.Entries);
    }

    private async Task DescribeAsync(string model, int count, TimeSpan? takes = null)
    {
        await _kit.Store.AppendAsync(
            ModelName.Parse(model),
            head => [.. Enumerable.Range(1, count).Select(number => new ModelDescribed($"{head.Sequence + number}", null)
            {
                Actor = new Actor("ann", "why", Ids.Operation("op")),
            })],
            Cancelled);
        _kit.Clock.Advance(takes ?? TimeSpan.FromSeconds(1));
    }
}
