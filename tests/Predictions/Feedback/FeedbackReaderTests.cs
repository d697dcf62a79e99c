using System.Text;
using Modeldrop.Errors;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Predictions.Feedback;

public sealed class FeedbackReaderTests
{
    private static readonly ModelName Flights = ModelName.Parse("flights");
    private static readonly string One = new PredictionId(PredictionId.HashOf(Flights), 500_000, 1, 1).ToString();
    private static readonly string Two = new PredictionId(PredictionId.HashOf(Flights), 500_000, 1, 2).ToString();
    private static readonly string Other = new PredictionId(7, 500_000, 1, 2).ToString();

    [Fact]
    public async Task Read_TheSameInEveryForm()
    {
        string[] expected = [$"{One}: 1", $"{Two}: late,early"];

        Assert.Equal(expected, await ReadAsync("application/json", $$"""[{"id":"{{One}}","label":1},{"id":"{{Two}}","label":["late","early"]}]"""));
        Assert.Equal(expected, await ReadAsync("application/x-ndjson; charset=utf-8", $$"""
            {"id":"{{One}}","label":1}

            {"id":"{{Two}}","label":["late","early"]}
            """));
        Assert.Equal([$"{One}: 1", $"{Two}: true"], await ReadAsync("text/csv", $"label,id\r\n1,{One}\r\ntrue,{Two}\r\n"));
    }

    [Fact]
    public async Task Read_BadLines_AreNamedAndTheOthersTaken()
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

        Assert.Equal([1, 7], batch.Entries.Select(entry => entry.Line));
        Assert.Equal([2, 3, 4, 5, 6], batch.Violations.Select(violation => violation.Line));
        Assert.Equal("'id' is missing.", batch.Violations[0].Detail);
        Assert.Equal($"Prediction '{Other}' is another model's, not one of 'flights'.", batch.Violations[2].Detail);
        Assert.StartsWith("'label' must be a text, a number", batch.Violations[3].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", "{}", "must be a list")]
    [InlineData("application/json", "[{", "not valid JSON")]
    [InlineData("text/csv", "id,value\nx,1\n", "there must be 'id' and 'label'")]
    [InlineData("text/csv", "", "'body' is empty")]
    public async Task Read_WhatIsNoFeedback_IsRefused(string type, string body, string expected)
    {
        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(() => BatchAsync(type, body));

        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<string>> ReadAsync(string type, string body)
    {
        FeedbackBatch batch = await BatchAsync(type, body);
        Assert.Empty(batch.Violations);
        return batch.Entries.Select(one => $"{one.Entry.Id}: {string.Join(',', one.Entry.Labels)}");
    }

    private static Task<FeedbackBatch> BatchAsync(string type, string body) =>
        FeedbackReader.ReadAsync(Flights, type, new MemoryStream(Encoding.UTF8.GetBytes(body)), TestContext.Current.CancellationToken);
}
