namespace Modeldrop.Tabular;

/// <summary>The layout of a CSV file, detected from its first records and its values.</summary>
/// <param name="Delimiter">Comma, semicolon or tab.</param>
/// <param name="Names">The names of the named columns.</param>
/// <param name="Fields">
/// For each column its field in a record, from 0. Fields without a name are left out: the index that data frames write, and the field after
/// a comma at the end of each line.
/// </param>
/// <param name="Width">The number of fields in the header.</param>
public sealed record CsvLayout(char Delimiter, IReadOnlyList<string> Names, IReadOnlyList<int> Fields, int Width)
{
    /// <summary>Columns whose numbers have a decimal comma.</summary>
    public IReadOnlyList<string> DecimalCommas { get; init; } = [];

    /// <summary>Columns whose numbers are ambiguous, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Ambiguous { get; init; } = new Dictionary<string, string>();
}
