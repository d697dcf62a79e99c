using System.Text;

namespace Modeldrop.Tabular;

/// <summary>A named column.</summary>
/// <param name="Values">
/// One value per row (but see <see cref="Row"/>), in the file's text, typed values by <see cref="CellText"/>; null is missing.
/// </param>
public sealed record TableColumn(string Name, IReadOnlyList<string?> Values)
{
    /// <summary>
    /// The shape of a row's value if the values are arrays: their elements follow one another, row-major. Null: they are single values.
    /// </summary>
    public long[]? Row { get; init; }

    /// <summary>Why the column cannot be read as numbers, such as <c>is a list</c>; null: it can.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether the column's numbers have a decimal comma.</summary>
    public bool HasDecimalComma { get; init; }

    /// <summary>Whether the values were read; false if they were not requested, or if their type has no text form.</summary>
    public bool IsRead { get; init; } = true;

    /// <summary>The text of a number, with a decimal point.</summary>
    public string? NumberAt(int index) => HasDecimalComma ? Values[index]?.Replace(',', '.') : Values[index];

    /// <summary>The same; without a string if the column has UTF-8 and <paramref name="memory"/> has room for the text.</summary>
    /// <returns>False when the value is missing.</returns>
    internal bool TryGetNumber(int index, Span<char> memory, out ReadOnlySpan<char> text)
    {
        if (Values is TextColumn column && column.TryGet(index, out ReadOnlySpan<byte> utf8) && utf8.Length <= memory.Length)
        {
            Span<char> read = memory[..Encoding.UTF8.GetChars(utf8, memory)];
            if (HasDecimalComma)
            {
                read.Replace(',', '.');
            }

            text = read;
            return true;
        }

        string? number = NumberAt(index);
        text = number;
        return number is not null;
    }

    /// <summary>The value as UTF-8; empty when it is missing.</summary>
    internal ReadOnlySpan<byte> Utf8At(int index) => Values is not TextColumn column ? Encoding.UTF8.GetBytes(Values[index] ?? "")
        : column.TryGet(index, out ReadOnlySpan<byte> utf8) ? utf8 : default;
}

/// <summary>A data file in memory, by columns.</summary>
public sealed class Table
{
    private readonly Dictionary<string, TableColumn> _byName;
    private readonly IReadOnlyList<int>? _lines;
    private readonly IReadOnlyDictionary<int, string>? _problems;
    private readonly int _firstRow;

    /// <param name="lines">For each row the line of the file on which it starts, counted from 1; null where a file has no lines.</param>
    /// <param name="problems">For each unusable row, the reason.</param>
    /// <param name="firstRow">For a file without lines: the number of the first row, counted from 1.</param>
    public Table(
        IReadOnlyList<TableColumn> columns,
        int rows,
        IReadOnlyList<int>? lines = null,
        IReadOnlyDictionary<int, string>? problems = null,
        int firstRow = 1)
    {
        Columns = columns;
        Rows = rows;
        _lines = lines;
        _problems = problems;
        _firstRow = firstRow;
        _byName = columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
    }

    /// <summary>In the file's order. Names are unique and case-sensitive.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    public int Rows { get; }

    public TableColumn? FindColumn(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The line on which the row starts, or its number where a file has no lines; counted from 1.</summary>
    public int LineOf(int row) => _lines is null ? _firstRow + row : _lines[row];

    /// <summary>The row's place for a person: <c>line 7</c> in a text file, <c>row 6</c> (counted from 1) in any other file.</summary>
    public string PlaceOf(int row) => _lines is null ? $"row {LineOf(row)}" : $"line {LineOf(row)}";

    /// <summary>Why the row does not fit the table, so that its values mean nothing; null when it fits.</summary>
    public string? ProblemOf(int row) => _problems?.GetValueOrDefault(row);
}
