using System.Text;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Predictions.Feedback;

namespace Modeldrop.Tests.Predictions.Feedback;

public sealed class FeedbackReaderTests
{
    private static readonly ModelName Flights = ModelName.Parse("flights");
    private static readonly string One = new PredictionId(PredictionId.HashOf(Flights), 500_000, 1, 1).ToString();
    private static readonly string Two = new PredictionId(PredictionId.HashOf(Flights), 500_000, 1, 2).ToString();
    private static readonly string Other = new PredictionId(7, 500_000, 1, 2).ToString();

    [Fact]
    public async Task Read_EveryForm_GivesTheSame()
    {
        string[] expected = [$"{One}: 1", $"{Two}: late,early"];

        Assert.Equal(expected, await ReadAsync("application/json", $$"""[{"id":"{{One}}","label":1},{"id":"{{Two}}","label":["late","early"]}]"""));
        Assert.Equal(expected, await ReadAsync("application/x-ndjson; charset=utf-8", $$"""
            {"id":"{{One}}","label":1}

            {"id":"{{Two}}","label":["late","early"]}
            """));
        Assert.Equal([$"{One}: 1", $"{Two}: true"], await ReadAsync("text/csv", $"label,id\r\n1,{One}\r\ntrue,{Two}\r\n"));
    }

    /// <summary>In the form of scikit-learn's encoders, like every other typed cell.</summary>
    [Fact]
    public async Task Read_BooleanLabel_HasTheTextOfABooleanCell() =>
        Assert.Equal([$"{One}: True"], await ReadAsync("application/x-ndjson", $$"""{"id":"{{One}}","label":true}"""));

    [Fact]
    public async Task Read_BadLines_AreNamedAndTheOthersAccepted()
    {
        FeedbackBatch batch = await BatchAsync("application/x-ndjson", $$"""
            {"id":"{{One}}","label":1}
            nonsense
            {"id":"abc","label":1}
            {"id":"{{Other}}","label":1}
            {"id":"{{Two}}","label":{"a":1} }
            {"id":"{{Two}}"}
            {"id":"{{Two}}","label":false}
            """);

        Assert.Equal([1, 7], batch.Entries.SelectMany(entry => entry.Lines));
        Assert.Equal([2, 3, 4, 5, 6], batch.Violations.Select(violation => violation.Line));
        Assert.Equal("'id' is missing; 'key' can hold the id of your request instead.", batch.Violations[0].Detail);
        Assert.Equal($"Prediction '{Other}' belongs to another model, not to 'flights'.", batch.Violations[2].Detail);
        Assert.StartsWith("'label' must be a string, a number", batch.Violations[3].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_ALineForEachRow_IsAcceptedInEveryForm()
    {
        string[] expected = [$"{One}: a,,c", $"{Two}: 1"];

        Assert.Equal(expected, await ReadAsync("text/csv", $"id,row,label\n{One},2,c\n{Two},,1\n{One},0,a\n"));
        Assert.Equal(expected, await ReadAsync("application/x-ndjson", $$"""
            {"id":"{{One}}","row":2,"label":"c"}
            {"id":"{{Two}}","row":null,"label":1}
            {"id":"{{One}}","row":0,"label":"a"}
            """));
        FeedbackBatch batch = await BatchAsync("text/csv", $"id,row,label\n{One},2,c\n{One},0,a\n{Two},,1\n");
        Assert.Equal(new[] { (false, 2), (true, 1) }, batch.Entries.Select(one => (one.Entry.IsWhole, one.Entry.Lines)));
        Assert.Equal([[2, 3], [4]], batch.Entries.Select(one => one.Lines.ToArray()));
    }

    [Theory]
    [InlineData("application/json", """[{"prediction_id":"ONE","label":1},{"id":"TWO","prediction_id":"TWO","label":0}]""")]
    [
        InlineData(
            "application/x-ndjson", "{\"prediction_id\":\"ONE\",\"label\":1}\n{\"id\":\"TWO\",\"prediction_id\":\"TWO\",\"label\":0}\n")]
    [InlineData("text/csv", "prediction_id,label\nONE,1\nTWO,0\n")]
    [InlineData("text/csv", "id,prediction_id,label\n,ONE,1\nTWO,TWO,0\n")]
    public async Task Read_PredictionId_IsTheId(string type, string body) =>
        Assert.Equal([$"{One}: 1", $"{Two}: 0"], await ReadAsync(type, Filled(body)));

    [Theory]
    [InlineData("application/json", """[{"id":"ONE","prediction_id":"TWO","label":1}]""", 1)]
    [InlineData("application/x-ndjson", """{"id":"ONE","prediction_id":"TWO","label":1}""", 1)]
    [InlineData("text/csv", "id,prediction_id,label\nONE,TWO,1\n", 2)]
    public async Task Read_IdAndPredictionIdThatDiffer_AreRefused(string type, string body, int line)
    {
        FeedbackBatch batch = await BatchAsync(type, Filled(body));

        Assert.Empty(batch.Entries);
        FeedbackViolation violation = Assert.Single(batch.Violations);
        Assert.Equal(
            (line, $"'id' is '{One}' and 'prediction_id' is '{Two}': they mean the same, so send one of them."),
            (violation.Line, violation.Detail));
    }

    [Fact]
    public async Task Read_MissingLabels_AreUnknown()
    {
        Assert.Equal([$"{One}: ,1,nan"], await ReadAsync("application/json", $$"""[{"id":"{{One}}","label":[null,1,"nan"]}]"""));
        Assert.Equal([$"{One}: ", $"{Two}: "], await ReadAsync("text/csv", $"id,label\n{One},\n{Two},\n"));
        Assert.Equal([$"{One}: [1,False],[,1]", $"{Two}: ,[0,1]"], await ReadAsync(
            "application/json", $$"""[{"id":"{{One}}","label":[[1,false],[null,1]]},{"id":"{{Two}}","row":1,"label":[0,1]}]"""));
    }

    [Fact]
    public async Task Read_LinesThatContradictEachOther_AreNamed()
    {
        FeedbackBatch batch = await BatchAsync("text/csv", $"""
            id,row,label
            {One},,a
            {One},,b
            {Two},0,x
            {Two},1,x
            {Two},1,y
            {Two},-1,x
            {Two},2.5,x
            {Two},0,x
            """);

        Assert.Equal([2, 3, 5, 6, 7, 8], batch.Violations.Select(violation => violation.Line));
        Assert.StartsWith("The line contradicts line 2: row 0 is 'b' in line 3, and 'a' in line 2. If the request has several rows,",
            batch.Violations[1].Detail, StringComparison.Ordinal);
        Assert.StartsWith("'row' is '-1'; it must be the number of a row", batch.Violations[4].Detail, StringComparison.Ordinal);
        Assert.Equal([4, 9], batch.Entries.Single().Lines);
        batch = await BatchAsync("application/json", $$"""[{"id":"{{One}}","label":["a","b"]},{"id":"{{One}}","label":["a"]},{"id":"{{Two}}","row":2,"label":1},{"id":"{{Two}}","label":[1,1]}]""");
        Assert.Equal([1, 2, 3, 4], batch.Violations.Select(violation => violation.Line));
    }

    [Theory]
    [InlineData("application/json", "{}", "must be a list")]
    [InlineData("application/json", "[{", "not valid JSON")]
    [InlineData("text/csv", "id,value\nx,1\n", "'id' (or 'prediction_id', or 'key') and 'label' are required, 'row' is optional.")]
    [InlineData("text/csv", "", "'body' is empty")]
    public async Task Read_NotFeedback_IsRefused(string type, string body, string expected)
    {
        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(() => BatchAsync(type, body));

        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private static string Filled(string body) =>
        body.Replace("ONE", One, StringComparison.Ordinal).Replace("TWO", Two, StringComparison.Ordinal);

    private static async Task<IEnumerable<string>> ReadAsync(string type, string body)
    {
        FeedbackBatch batch = await BatchAsync(type, body);
        Assert.Empty(batch.Violations);
        return batch.Entries.Select(one => $"{one.Entry.Id}: {string.Join(',', one.Entry.Labels)}").Order(StringComparer.Ordinal);
    }

    private static Task<FeedbackBatch> BatchAsync(string type, string body) =>
        FeedbackReader.ReadAsync(Flights, type, new MemoryStream(Encoding.UTF8.GetBytes(body)),
            _ => Task.FromResult<IReadOnlyDictionary<string, PredictionId>>(new Dictionary<string, PredictionId>()),
                TestContext.Current.CancellationToken);
}
