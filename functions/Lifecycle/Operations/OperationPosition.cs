using System.Globalization;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Where an operation stands in the list: the newest first, then by id. Its text names the page behind it.</summary>
internal readonly record struct OperationPosition(DateTimeOffset CreatedAt, string Id) : IComparable<OperationPosition>
{
    private const char Separator = '~';

    /// <summary>Nothing was created before it; looks go back from a position.</summary>
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
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
