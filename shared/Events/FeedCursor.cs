using System.Globalization;

namespace Modeldrop.Events;

/// <summary>
/// A reader's cursor in the events of all models, as text. It holds the position of the last event, and is opaque to the reader.
/// </summary>
public static class FeedCursor
{
    /// <summary>Means the position after the last event.</summary>
    public const string Latest = "latest";

    public static string Of(long position) => position.ToString(CultureInfo.InvariantCulture);

    /// <summary>The position; null: the text is not a cursor of this installation.</summary>
    /// <param name="end">The feed's last position.</param>
    public static long? Find(string text, long end) =>
        text == Latest ? end
        : text.All(char.IsAsciiDigit) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long position)
            && position <= end ? position
        : null;

    /// <param name="name">The caller's name of the parameter.</param>
    public static string Violation(string name, string text) =>
        $"{name} must be a 'next' or 'cursor' from this installation, 0 or '{Latest}', not '{text}'.";
}
