using Modeldrop.Errors;

namespace Modeldrop.Tests.Errors;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("metric", "metrics")]
    [InlineData("promotions", "promotion")]
    [InlineData("promotoin", "promotion")]
    [InlineData("Max_Drop-From-Champion", "maxDropFromChampion")]
    [InlineData("mertics", "metrics")]
    [InlineData("min", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    public void Find_Name_IsTheNearestOrNull(string name, string? expected) =>
        Assert.Equal(expected, Suggestion.Find(name, ["metrics", "promotion", "maxDropFromChampion"]));

    [Fact]
    public void Find_NameOfAMegabyte_IsNotCompared() => Assert.Null(Suggestion.Find(new string('m', 1_000_000), ["metrics"]));
}
