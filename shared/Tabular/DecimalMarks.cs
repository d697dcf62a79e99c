using System.Buffers;

namespace Modeldrop.Tabular;

/// <summary>Detects from a file's values which columns have a decimal comma.</summary>
/// <remarks>
/// A column is numeric when every value is a number with a comma or a point as its only mark. <c>0,5</c> and <c>12,75</c> have a decimal
/// comma. <c>1,234</c> is ambiguous: it has a decimal comma if another value in the column or the file shows one; otherwise its meaning is
/// unknown. The same holds for <c>1.234</c> beside columns with decimal commas.
/// </remarks>
internal sealed class DecimalMarks(IReadOnlyList<string> names)
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    private static readonly SearchValues<char> OfNumbers = SearchValues.Create("0123456789+-eE,.");

    private readonly Column[] _columns = [.. names.Select(_ => new Column())];

    public void Add(int column, ReadOnlySpan<char> text) => _columns[column].Add(text);

    public CsvLayout Complete(CsvLayout layout)
    {
        bool usesCommas = _columns.Any(column => column is { IsText: false, HasComma: true });
        var ambiguous = new Dictionary<string, string>(StringComparer.Ordinal);
        List<string> commas = [];
        for (int index = 0; index < names.Count; index++)
        {
            Column column = _columns[index];
            if (column.IsText)
            {
                continue;
            }

            if (column.HasComma || (column.GroupedComma is not null && usesCommas && !column.HasPoint))
            {
                commas.Add(names[index]);
            }
            else if ((column.GroupedComma ?? (usesCommas && !column.HasPoint ? column.GroupedPoint : null)) is { } example)
            {
                string digits = example.Replace(",", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal);
                ambiguous[names[index]] = $"has numbers such as '{example}', which can be {example.Replace(',', '.')} or {digits}; "
                    + "write them with a decimal point and without thousands separators";
            }
        }

        return layout with { DecimalCommas = commas, Ambiguous = ambiguous };
    }

    private sealed class Column
    {
        public bool IsText { get; private set; }

        /// <summary>Whether a comma can only be the decimal mark.</summary>
        public bool HasComma { get; private set; }

        public bool HasPoint { get; private set; }

        /// <summary>The first value whose mark may separate thousands.</summary>
        public string? GroupedComma { get; private set; }

        public string? GroupedPoint { get; private set; }

        public void Add(ReadOnlySpan<char> text)
        {
            text = text.Trim();
            if (IsText || text.IsEmpty)
            {
                return;
            }

            int mark = text.IndexOfAny(',', '.');
            if (text.IndexOfAnyExcept(OfNumbers) >= 0 || text.IndexOfAny(Digits) < 0
                || (mark >= 0 && text[(mark + 1)..].IndexOfAny(',', '.') >= 0))
            {
                IsText = !CellParser.IsMissing(text);
            }
            else if (mark >= 0)
            {
                ReadOnlySpan<char> whole = text[..mark].TrimStart("+-");
                bool isGroup = whole.Length is 1 or 2 or 3 && whole[0] != '0' && text.Length - mark - 1 == 3
                    && text.IndexOfAny('e', 'E') < 0;
                bool isComma = text[mark] == ',';
                HasComma |= isComma && !isGroup;
                HasPoint |= !isComma && !isGroup;
                GroupedComma ??= isComma && isGroup ? text.ToString() : null;
                GroupedPoint ??= !isComma && isGroup ? text.ToString() : null;
            }
        }
    }
}
