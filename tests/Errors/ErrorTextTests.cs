using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;

namespace Modeldrop.Tests.Errors;

/// <summary>Every error is readable for a person: at most 20 items and 8 KB.</summary>
public sealed class ErrorTextTests
{
    private const int MaxAnswerBytes = 8 * 1024;

    public static TheoryData<string> Texts =>
    [
        Many("x"), Many("\""), Many("\u0001"), Many("é"), Many("😀"), Many("\uD83D"),
    ];

    private static string Many(string text) => string.Concat(Enumerable.Repeat(text, 50_000));

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Texts))]
    public async Task Write_AnyText_StaysUnderEightKilobytes(string text)
    {
        foreach (string[] violations in
            (string[][])[[text], [text, text], [.. Enumerable.Repeat(text, 1_000)], [.. Enumerable.Repeat(text[..170], 1_000)]])
        {
            JsonElement problem = await WriteAsync(new ServiceException(ErrorCode.InvalidRequest, violations), "/" + text[..1_000]);

            Assert.True(!problem.TryGetProperty("errors", out JsonElement errors) || errors.GetArrayLength() <= 20);
        }
    }

    [Fact]
    public async Task Write_TwentyItems_NamesAll()
    {
        JsonElement problem = await WriteAsync(new ServiceException(
            ErrorCode.InvalidRequest, [.. Enumerable.Range(1, 20).Select(number => $"Thing {number} is wrong.")]), "/");

        Assert.Equal("Thing 20 is wrong.", problem.GetProperty("errors")[19].GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Write_MoreItems_NamesNineteenAndCountsTheOthers()
    {
        var violations = new ViolationList();
        for (int number = 1; number <= 40_000; number++)
        {
            violations.Add($"Thing {number} is wrong.");
        }

        JsonElement[] errors = [.. (await WriteAsync(violations.ToException(ErrorCode.InvalidRequest), "/")).GetProperty("errors")
            .EnumerateArray()];

        Assert.Equal((20, "Thing 19 is wrong.", "And 39981 more."),
            (errors.Length, errors[18].GetProperty("detail").GetString(), errors[19].GetProperty("detail").GetString()));
    }

    [Fact]
    public void Bounded_BoundedList_IsUnchanged()
    {
        IReadOnlyList<string> bounded = ErrorText.Bounded([.. Enumerable.Repeat(new string('x', 290), 100)]);

        Assert.Equal("And 89 more.", bounded[^1]);
        Assert.Equal(bounded, ErrorText.Bounded(bounded));
    }

    [Fact]
    public void Add_FullList_CreatesNoText()
    {
        var violations = new ViolationList();
        int made = 0;
        for (int number = 0; number < 1_000; number++)
        {
            violations.Add($"{++made}");
        }

        Assert.Equal((1_000, 20), (violations.Count, made));
    }

    [Fact]
    public void Shortened_SurrogatePair_IsNotSplit() => Assert.Equal("a…", ErrorText.Shortened("a😀", 8));

    private static async Task<JsonElement> WriteAsync(ServiceException exception, string path)
    {
        using var body = new MemoryStream();
        var http = new DefaultHttpContext();
        http.Request.Path = path;
        http.Response.Body = body;
        await ErrorResponse.WriteAsync(http, exception);
        Assert.InRange(body.Length, 1, MaxAnswerBytes);
        return JsonDocument.Parse(body.ToArray()).RootElement;
    }
}
