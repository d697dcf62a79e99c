namespace Modeldrop.Tabular;

/// <summary>How much of a data file may be in memory at once; a larger file is refused, never cut.</summary>
/// <param name="MaxRows">Rows below the header. The default is the limit of a spreadsheet and of a row group by Arrow's writers.</param>
/// <param name="MaxCells">Rows times columns, which determine the memory.</param>
public sealed record TableLimits(int MaxRows = 1_048_576, long MaxCells = 20_000_000)
{
    public static TableLimits Default { get; } = new();

    /// <summary>Why this number of rows is refused; null when it is allowed.</summary>
    internal string? Violation(string file, long rows, int columns) =>
        rows > MaxRows ? $"'{file}' has more than {MaxRows:N0} rows, which is the limit."
        : rows * columns > MaxCells ? $"'{file}' has more than {MaxCells:N0} values ({columns:N0} columns), which is the limit."
        : null;
}
