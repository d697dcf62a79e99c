using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Tests.Tracking.Protocol;

public sealed class CallFieldsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OfBody_Fields_AreReadAsMlflowSendsThem()
    {
        CallFields fields = await ReadAsync("""
            {"name": "m", "n": 3, "text_number": "17", "nan": "NaN", "flag": "true", "none": null, "empty": "", "unknown": [1],
             "tags": [{"key": "a", "value": "1"}, {"key": "b"}], "stages": ["None"]}
            """);

        Assert.Equal("m", fields.Required("name"));
        Assert.Equal(3, fields.Number("n"));
        Assert.Equal(17, fields.Number("text_number"));
        Assert.Equal(double.NaN, fields.Real("nan"));
        Assert.True(fields.Flag("flag"));
        Assert.Null(fields.Text("none"));
        Assert.Null(fields.Text("empty"));
        Assert.Equal(new Dictionary<string, string> { ["a"] = "1", ["b"] = "" }, fields.Pairs("tags"));
        Assert.Equal(["None"], fields.Texts("stages"));
        fields.Check();
    }

    [Fact]
    public async Task Check_SeveralErrors_NamesAllAtOnce()
    {
        CallFields fields = await ReadAsync("""{"name": "", "n": 1.5, "tags": [{"value": "x"}], "list": "x", "flag": 1}""");
        fields.Required("name");
        fields.Number("n");
        fields.Pairs("tags");
        fields.Objects("list", 1);
        fields.Flag("flag");

        var exception = Assert.Throws<ServiceException>(fields.Check);

        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
        Assert.Equal(5, exception.Violations.Count);
        Assert.Contains("'tags[0].key'", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", ErrorCode.InvalidRequest)]
    [InlineData("{", ErrorCode.InvalidRequest)]
    [InlineData("{\"a\": \"LONG\"}", ErrorCode.PayloadTooLarge)]
    public async Task OfBody_NotASmallObject_IsRefused(string body, ErrorCode code)
    {
        string text = body.Replace("LONG", new string('x', 1 << 20), StringComparison.Ordinal);

        Assert.Equal(code, (await Assert.ThrowsAsync<ServiceException>(() => ReadAsync(text))).Code);
    }

    [Fact]
    public async Task OfBody_EmptyBody_IsAnEmptyObject() => Assert.Null((await ReadAsync("")).Text("name"));

    [Fact]
    public void OfQuery_RepeatedField_IsAList()
    {
        var http = new DefaultHttpContext();
        http.Request.QueryString = new QueryString("?order_by=name&order_by=timestamp%20DESC&max_results=9000000000");
        CallFields fields = CallFields.OfQuery(http.Request);

        Assert.Equal(["name", "timestamp DESC"], fields.Texts("order_by"));
        Assert.Equal(1_000, fields.Count("max_results", byDefault: 100, max: 1_000));
        Assert.Equal(100, fields.Count("absent", byDefault: 100, max: 1_000));
        fields.Check();
    }

    [Fact]
    public void Of_EveryErrorCode_IsAnErrorCodeOfMlflow()
    {
        string[] known = ["INVALID_PARAMETER_VALUE", "RESOURCE_ALREADY_EXISTS", "BAD_REQUEST", "UNAUTHENTICATED", "PERMISSION_DENIED",
            "RESOURCE_DOES_NOT_EXIST", "ENDPOINT_NOT_FOUND", "RESOURCE_CONFLICT", "REQUEST_LIMIT_EXCEEDED", "INTERNAL_ERROR",
            "NOT_IMPLEMENTED", "TEMPORARILY_UNAVAILABLE"];

        Assert.All(Enum.GetValues<ErrorCode>(), code => Assert.Contains(TrackingErrors.Of(code).Code, known));
        Assert.Equal(("RESOURCE_ALREADY_EXISTS", 400), TrackingErrors.Of(ErrorCode.AlreadyExists));
        Assert.Equal(("RESOURCE_DOES_NOT_EXIST", 404), TrackingErrors.Of(ErrorCode.RunNotFound));
        Assert.Equal(("INVALID_PARAMETER_VALUE", 400), TrackingErrors.Of(ErrorCode.VersionNotReady));
        Assert.Equal(("NOT_IMPLEMENTED", 501), TrackingErrors.Of(ErrorCode.NotOffered));
    }

    [Fact]
    public void Json_Numbers_AreWrittenAsMlflowReadsThem() => Assert.Equal(
        """{"model_id":"m","value":"NaN","time":1700000000000}""",
        JsonSerializer.Serialize(
            new { ModelId = "m", Value = double.NaN, Absent = (string?)null, Time = 1_700_000_000_000 }, TrackingJson.Options));

    private static Task<CallFields> ReadAsync(string body)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        return CallFields.OfBodyAsync(http.Request, Cancellation);
    }
}
