namespace Modeldrop.Tests.Infra;

/// <summary>Lines of code fit a screen: <c>max_line_length</c> of <c>.editorconfig</c>.</summary>
public sealed class LineTests
{
    private const int MaxLength = 140;

    // Verbatim data may have longer lines.
    private const string RawText = "\"\"\"";

    [Theory]
    [InlineData("shared")]
    [InlineData("functions")]
    [InlineData("standalone")]
    [InlineData("bench")]
    public void Lines_OfCode_AreWithinTheLimit(string folder) => Assert.Empty(
        from file in RepositoryText.CodeOf(folder)
        from line in File.ReadLines(RepositoryText.PathOf(file)).Index()
        where line.Item.Length > MaxLength && !line.Item.Contains(RawText, StringComparison.Ordinal)
        select $"{file}({line.Index + 1})");

    [Fact]
    public void EditorConfig_StatesTheLimit() =>
        Assert.Contains($"max_line_length = {MaxLength}", RepositoryText.Read(".editorconfig"), StringComparison.Ordinal);
}
