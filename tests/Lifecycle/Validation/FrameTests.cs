namespace Modeldrop.Tests.Lifecycle.Validation;

/// <summary>
/// CSV files as pandas writes them (tests/Cases/frames): registered, profiled, validated and read in the parts of a batch, or refused with
/// advice on what to change.
/// </summary>
public sealed class FrameTests : FrameTest
{
    [Theory]
    [InlineData("plain.csv")]
    [InlineData("index.csv")]
    [InlineData("index-of-two.csv")]
    [InlineData("index-twice.csv")]
    [InlineData("trailing-comma.csv")]
    [InlineData("semicolons.csv")]
    [InlineData("tabs.csv")]
    [InlineData("tabs-decimal-commas.csv")]
    [InlineData("bom.csv")]
    [InlineData("crlf.csv")]
    [InlineData("quoted.csv")]
    [InlineData("quoted-decimal-commas.csv")]
    [InlineData("categories.csv")]
    [InlineData("decimals.csv")]
    [InlineData("dates.csv")]
    [InlineData("line-breaks.csv", "0.5 1.25 -3", "1 2 3", "a|b\nof two lines|c \"quoted\", with a comma")]
    [InlineData("booleans.csv", "1 0 1")]
    [InlineData("nullable-booleans.csv", "1 NaN 0")]
    [InlineData("nullable-integers.csv", "0.5 -3", "1 3", "a|c")]
    [InlineData("integers-as-floats.csv", "0.5 -3", "1 3", "a|c")]
    [InlineData("gaps-in-words.csv", "0.5 -3", "1 3", "a|c")]
    public async Task Frame_AsToolsWriteIt_IsAccepted(string file, string x = "0.5 1.25 -3", string n = "1 2 3", string s = "a|b|c")
    {
        await AssertTakenAsync(Place(file), x, n, s);
    }

    [Theory]
    [InlineData("thousands-or-decimals.csv",
        "Column 'x' has numbers such as '1,234', which can be 1.234 or 1234; write them with a decimal point and without "
            + "thousands separators.")]
    [InlineData("thousands-and-decimals.csv", "line 2, column 'x': '1.234,5' is not a number.")]
    [InlineData("two-delimiters.csv",
        "The separator of 'reference.csv' is ambiguous; put column names that contain a comma, semicolon or tab in quotes.")]
    [InlineData("no-integers.csv", "no row can be scored: each lacks a value for an integer or a boolean ('n').")]
    [InlineData("utf-16.csv", "'reference.csv' is utf-16 text; save it as UTF-8.")]
    public async Task Frame_Unreadable_IsRefusedWithTheRemedy(string file, string expected)
    {
        // A batch reads the two well-formed files; the errors are then in its rows.
        await AssertRefusedAsync(Place(file), expected, byBatch: file is not ("no-integers.csv" or "thousands-and-decimals.csv"));
    }

    /// <summary>Puts the file beside the model.</summary>
    private string Place(string file)
    {
        PlaceModel();
        string path = Path.Combine(Folder, "reference.csv");
        File.Copy(Case(Path.Combine("frames", file)), path);
        return path;
    }
}
