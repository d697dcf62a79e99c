using System.Globalization;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>The position of an operation in the list: the newest first, then by id. Its text is the token of the page after it.</summary>
internal readonly record struct OperationPosition(DateTimeOffset CreatedAt, string Id) : IComparable<OperationPosition>
{
    private const char Separator = '~';

    /// <summary>Nothing was created earlier; searches go back from a position to this time.</summary>
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Parses the format of <see cref="ToString"/>.</summary>
    public static bool TryParse(string text, out OperationPosition position)
    {
        string[] parts = text.Split(Separator, 2);
        bool isOne = long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long ticks)
            && ticks >= Earliest.UtcTicks && ticks <= DateTimeOffset.MaxValue.UtcTicks && parts.Length == 2;
        position = isOne ? new OperationPosition(new DateTimeOffset(ticks, TimeSpan.Zero), parts[1]) : default;
        return isOne;
    }

    public int CompareTo(OperationPosition other) =>
        CreatedAt == other.CreatedAt ? string.CompareOrdinal(Id, other.Id) : other.CreatedAt.CompareTo(CreatedAt);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CreatedAt.UtcTicks}{Separator}{Id}");
}
