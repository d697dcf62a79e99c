namespace Modeldrop.Tabular;

/// <summary>How a CSV file is written, as its first records and its values show.</summary>
/// <param name="Delimiter">Comma, semicolon or tab.</param>
/// <param name="Names">Of the columns that have one.</param>
/// <param name="Fields">
/// By column, which field of a record it is, from 0. Fields without a name are left out: the index that data frames write, and what a comma
/// at the end of each line makes.
/// </param>
/// <param name="Width">Fields of the header.</param>
public sealed record CsvLayout(char Delimiter, IReadOnlyList<string> Names, IReadOnlyList<int> Fields, int Width)
{
    /// <summary>Columns whose numbers have a decimal comma.</summary>
    public IReadOnlyList<string> DecimalCommas { get; init; } = [];

    /// <summary>Columns whose numbers can be read in two ways, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Ambiguous { get; init; } = new Dictionary<string, string>();
}
