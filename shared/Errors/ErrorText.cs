namespace Modeldrop.Errors;

/// <summary>Keeps errors short enough to read: at most 20 sentences, and at most 8 KB in an answer.</summary>
/// <remarks>
/// An answer may contain every sentence twice (<c>detail</c> and <c>errors</c>), so the sentences get less than half of the bytes.
/// </remarks>
public static class ErrorText
{
    /// <summary>Most sentences of one error.</summary>
    public const int MaxItems = 20;

    private const int MaxBytes = 3_200;

    /// <summary>Space for the note on omitted sentences, so that a bounded list stays the same when it is bounded again.</summary>
    private const int NoteBytes = 24;

    /// <summary>Limit for one sentence among several: one long name must not displace everything else.</summary>
    private const int MaxItemBytes = 700;

    /// <summary>Returns the first sentences that fit, each shortened if it is too long, and the number of the others.</summary>
    public static IReadOnlyList<string> Bounded(IReadOnlyList<string> sentences) => Bounded(sentences, sentences.Count);

    /// <summary>Returns the text, shortened if its JSON would be longer than <paramref name="maxBytes"/>.</summary>
    public static string Shortened(string text, int maxBytes)
    {
        int bytes = 0;
        for (int index = 0; index < text.Length; index++)
        {
            bytes += BytesOf(text[index]);
            if (bytes > maxBytes)
            {
                return $"{text.AsSpan(0, char.IsLowSurrogate(text[index]) ? index - 1 : index)}…";
            }
        }

        return text;
    }

    /// <param name="total">Number of all sentences; the list may contain only the first of them.</param>
    internal static IReadOnlyList<string> Bounded(IReadOnlyList<string> sentences, int total)
    {
        List<string> shown = [.. sentences.Take(MaxItems).Select(sentence => Shortened(sentence, total == 1 ? MaxBytes : MaxItemBytes))];
        if (total == shown.Count && shown.Sum(BytesOf) <= MaxBytes + NoteBytes)
        {
            return shown;
        }

        List<string> kept = [];
        int bytes = 0;
        foreach (string sentence in shown.Take(MaxItems - 1))
        {
            bytes += BytesOf(sentence);
            if (bytes > MaxBytes)
            {
                break;
            }

            kept.Add(sentence);
        }

        kept.Add($"And {total - kept.Count} more.");
        return kept;
    }

    private static int BytesOf(string text) => text.Sum(BytesOf);

    /// <summary>Largest size of a character in JSON, with any escaping.</summary>
    private static int BytesOf(char character) => character switch
    {
        '"' or '\\' => 2,
        >= ' ' and <= '~' => 1,
        _ => 6,
    };
}
