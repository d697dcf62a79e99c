using System.Text;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Predictions.Feedback;

/// <summary>Labels are compared with the rows of the logged requests.</summary>
public sealed class FeedbackServiceTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Add_LabelsForRowsThatTheRequestLacks_AreRejectedWithTheirLine()
    {
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync();
        ScoredRequest one = Request(log);
        ScoredRequest many = Request(
            log, inputs: [Floats("x", [122, 1], new float[122])]) with { Outputs = [Floats("y", [122, 1], new float[122])] };
        ScoredRequest three = Request(
            log, inputs: [Floats("x", [3, 1], new float[3])]) with { Outputs = [Floats("y", [3, 1], new float[3])] };
        PredictionId later = log.NextId(Flights);
        Assert.True(log.Append(one) && log.Append(many) && log.Append(three));
        await log.StopAsync(Token);
        var store = new FeedbackStore(world.Account, TimeProvider.System);
        var service = new FeedbackService(store, world.Store);

        FeedbackResult result = await AddAsync(service, $"""
            id,row,label
            {many.Id},,1
            {one.Id},,1
            {three.Id},0,a
            {three.Id},1,
            {three.Id},2,c
            {later},7,x
            {one.Id},,1
            """);
        FeedbackResult beyond = await AddAsync(service, $"id,row,label\n{three.Id},3,d\n{many.Id},121,z\n");

        Assert.Equal((6, 0, 1), (result.Stored, result.Unchanged, result.WithoutLabel));
        FeedbackViolation wrong = Assert.Single(result.Rejected);
        Assert.Equal((2, $"Prediction '{many.Id}' has 122 rows, and the number of labels is 1; send a list with one for each row "
            + $"(null if unknown), or 'row' with each label."),
            (wrong.Line, wrong.Detail));
        Assert.Equal((1, $"Prediction '{three.Id}' has 3 rows, counted from 0; there is no row 3."),
            (beyond.Stored, Assert.Single(beyond.Rejected).Detail));
        Dictionary<PredictionId, StoredFeedback> known = await store.ReadAsync(
            Flights, one.ReceivedAt.AddYears(-1), one.ReceivedAt.AddYears(9), null, Token);
        Assert.Equal(["a", null, "c"], known[three.Id].LabelsOf(3)!);
        Assert.Equal("z", known[many.Id].LabelsOf(122)![121]);
        Assert.Equal(1, known[many.Id].Known);
    }

    private static async Task<FeedbackResult> AddAsync(FeedbackService service, string csv) =>
        await service.AddAsync(await FeedbackReader.ReadAsync(Flights, "text/csv", new MemoryStream(Encoding.UTF8.GetBytes(csv)),
            _ => Task.FromResult<IReadOnlyDictionary<string, PredictionId>>(new Dictionary<string, PredictionId>()), Token),
            "ann", Token);
}
