namespace Modeldrop.Tabular;

/// <summary>Finds what separates the fields of a CSV file: comma, semicolon (where the comma is the decimal mark) or tab.</summary>
internal static class CsvDelimiter
{
    /// <summary>Characters that are looked at.</summary>
    public const int HeadChars = 64 * 1024;

    private const int MaxRecords = 20;

    private static readonly char[] Candidates = [',', ';', '\t'];

    /// <param name="head">The start of the text.</param>
    /// <param name="isWhole">Whether it is all of it; else its last record may be cut off.</param>
    /// <returns>The one that separates names of the header; of several the one that separates as many fields in each record. Null: two
    /// do.</returns>
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

    /// <summary>Fields of the first records; blank lines are none. Delimiters and line breaks in quotes are text.</summary>
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

            // A doubled quote closes and opens again; a quote inside of a bare field is text.
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
