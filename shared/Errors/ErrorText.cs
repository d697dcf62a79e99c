namespace Modeldrop.Errors;

/// <summary>Keeps errors short enough to be read: at most 20 sentences, and at most 8 KB as an answer.</summary>
/// <remarks>An answer may hold every sentence twice (<c>detail</c> and <c>errors</c>), so the sentences get less than half of it.</remarks>
public static class ErrorText
{
    /// <summary>Sentences of one error.</summary>
    public const int MaxItems = 20;

    private const int MaxBytes = 3_200;

    /// <summary>For how many more there are; so what is bounded already stays as it is.</summary>
    private const int NoteBytes = 24;

    /// <summary>Of one sentence among several: one long name must not hide everything else.</summary>
    private const int MaxItemBytes = 700;

    /// <summary>The first sentences that fit, each cut where it is too long, and how many more there are.</summary>
    public static IReadOnlyList<string> Bounded(IReadOnlyList<string> sentences) => Bounded(sentences, sentences.Count);

    /// <summary>A text that is cut where its JSON would be longer than <paramref name="maxBytes"/>.</summary>
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

    /// <param name="total">Sentences that there are; the list may hold the first of them only.</param>
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

    /// <summary>Of a character in JSON at most, whatever it is escaped to.</summary>
    private static int BytesOf(char character) => character switch
    {
        '"' or '\\' => 2,
        >= ' ' and <= '~' => 1,
        _ => 6,
    };
}
