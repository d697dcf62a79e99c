namespace Modeldrop.Tabular;

/// <summary>Finds the delimiter of a CSV file: comma, semicolon (where the comma is the decimal mark) or tab.</summary>
internal static class CsvDelimiter
{
    /// <summary>The number of characters to examine.</summary>
    public const int HeadChars = 64 * 1024;

    private const int MaxRecords = 20;

    private static readonly char[] Candidates = [',', ';', '\t'];

    /// <param name="head">The start of the text.</param>
    /// <param name="isWhole">Whether the head is the whole text; otherwise its last record may be cut off.</param>
    /// <returns>
    /// The delimiter that separates names in the header; of several, the one that gives every record the same number of fields. Null: two
    /// of them do.
    /// </returns>
    public static char? Find(ReadOnlySpan<char> head, bool isWhole)
    {
        List<char> found = [];
        List<char> fitting = [];
        foreach (char candidate in Candidates)
        {
            List<int> counts = CountFields(head, candidate, isWhole);
            if (counts is [> 1, ..])
            {
                found.Add(candidate);
                if (counts.TrueForAll(count => count == counts[0]))
                {
                    fitting.Add(candidate);
                }
            }
        }

        return found.Count == 0 ? ','
            : found.Count == 1 ? found[0]
            : fitting.Count == 1 ? fitting[0]
            : fitting.Count == 0 && found.Contains(',') ? ','
            : null;
    }

    /// <summary>Counts the fields of the first records and skips blank lines. Delimiters and line breaks in quotes are text.</summary>
    private static List<int> CountFields(ReadOnlySpan<char> head, char delimiter, bool isWhole)
    {
        List<int> counts = [];
        int fields = 1;
        bool isQuoted = false;
        bool isBlank = true;
        bool startsField = true;
        foreach (char letter in head)
        {
            if (letter is '\n' or '\r' && !isQuoted)
            {
                if (!isBlank)
                {
                    counts.Add(fields);
                }

                (fields, isBlank, startsField) = (1, true, true);
                if (counts.Count == MaxRecords)
                {
                    return counts;
                }

                continue;
            }

            // A doubled quote closes and reopens the field; a quote inside an unquoted field is text.
            isQuoted = letter == '"' ? isQuoted ? false : startsField || isQuoted : isQuoted;
            bool separates = letter == delimiter && !isQuoted;
            fields += separates ? 1 : 0;
            startsField = separates || letter == '"';
            isBlank &= char.IsWhiteSpace(letter) && !separates;
        }

        if (!isBlank && (isWhole || counts.Count == 0))
        {
            counts.Add(fields);
        }

        return counts;
    }
}
