using System.Text;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Storage;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Predictions;

/// <summary>Predictions found by the caller's own key, the protocol's <c>id</c>.</summary>
public sealed class PredictionKeyTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FindKeys_EachKey_IsItsLastAnsweredPrediction()
    {
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        ScoredRequest first = Request(log, at: now.AddSeconds(-3)) with { RequestId = "order-17" };
        ScoredRequest again = Request(log, at: now.AddSeconds(-2)) with { RequestId = "order-17" };
        ScoredRequest failed = Request(log, at: now) with { RequestId = "order-17", Error = "no", Outputs = [] };
        ScoredRequest other = Request(log, at: now) with { RequestId = "order-é" };
        foreach (ScoredRequest request in (ScoredRequest[])[first, again, failed, other, Request(log, at: now), Request(log, at: now,
            model: ModelName.Parse("others")) with { RequestId = "order-18" }])
        {
            log.Append(request);
        }

        await log.StopAsync(Token);
        using StorageMeter meter = StorageMeter.Start();
        IReadOnlyDictionary<string, PredictionId> found = await world.Store.FindKeysAsync(
            Flights, new HashSet<string> { "order-17", "order-é", "order-18", "ORDER-17" }, now.AddDays(-1), now.AddHours(1), Token);

        Assert.Equal([("order-17", again.Id), ("order-é", other.Id)], found.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.InRange(meter.Transactions, 1, 3);
        Assert.Empty(
            await world.Store.FindKeysAsync(
                Flights, new HashSet<string> { "order-19" }, now.AddDays(-1), now.AddHours(1),             Token));
        Assert.Empty(
            await world.Store.FindKeysAsync(
                Flights, new HashSet<string> { "order-17" }, now.AddDays(-3), now.AddDays(-2),             Token));
    }

    [Fact]
    public void MayHave_KeysOfAPack_IsFalseOnlyIfTheKeyIsAbsent()
    {
        var asked = new HashSet<uint> { PackKeys.HashOf("a") };

        Assert.False(PackKeys.MayHave(null, asked));
        Assert.True(PackKeys.MayHave([0], asked));
        Assert.True(PackKeys.MayHave(BitConverter.GetBytes(PackKeys.HashOf("a")), asked));
        Assert.False(PackKeys.MayHave(BitConverter.GetBytes(PackKeys.HashOf("b")), asked));
    }

    [Theory]
    [InlineData("application/json", """[{"key": "order-17", "label": 1}, {"key": "nobody's", "label": 0}, {"label": 1}]""")]
    [InlineData("application/x-ndjson", "{\"key\": \"order-17\", \"label\": 1}\n{\"key\": \"nobody's\", \"label\": 0}\n{\"label\": 1}\n")]
    [InlineData("text/csv", "key,label\norder-17,1\nnobody's,0\n,1\n")]
    public async Task Feedback_ByKey_BelongsToItsPrediction(string type, string body)
    {
        var id = new PredictionId(PredictionId.HashOf(Flights), 2, 3, 4);
        FeedbackBatch batch = await FeedbackReader.ReadAsync(Flights, type, new MemoryStream(Encoding.UTF8.GetBytes(body)), keys =>
        {
            Assert.Equal(["nobody's", "order-17"], keys.Order(StringComparer.Ordinal));
            return Task.FromResult<IReadOnlyDictionary<string, PredictionId>>(new Dictionary<string, PredictionId> { ["order-17"] = id });
        }, Token);

        Assert.Equal((id, "1"), (batch.Entries.Single().Entry.Id, batch.Entries.Single().Entry.Labels.Single()));
        Assert.StartsWith("No prediction with the key 'nobody's' was answered in the last 30 days", batch.Violations[0].Detail,
            StringComparison.Ordinal);
        Assert.StartsWith("'id' is missing", batch.Violations[1].Detail, StringComparison.Ordinal);
    }
}
