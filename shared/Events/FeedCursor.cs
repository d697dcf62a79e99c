using System.Globalization;

namespace Modeldrop.Events;

/// <summary>A reader's place among the events of all models, as text: opaque to the reader, the position of the last event to us.</summary>
public static class FeedCursor
{
    /// <summary>Stands for the place behind all that has happened.</summary>
    public const string Latest = "latest";

    public static string Of(long position) => position.ToString(CultureInfo.InvariantCulture);

    /// <summary>The position; null: it is no cursor of this installation.</summary>
    /// <param name="end">The feed's last position.</param>
    public static long? Find(string text, long end) =>
        text == Latest ? end
        : text.All(char.IsAsciiDigit) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long position)
            && position <= end ? position
        : null;

    /// <param name="name">What the caller calls it.</param>
    public static string Violation(string name, string text) =>
        $"{name} must be a 'next' or a 'cursor' that this installation gave, 0 or '{Latest}', not '{text}'.";
}
