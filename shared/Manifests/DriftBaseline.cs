using System.Globalization;
using Modeldrop.Errors;

namespace Modeldrop.Manifests;

/// <summary>
/// The data with which a window is compared: the version's reference data, its own traffic in a pinned window, or the same weekdays and
/// hours of earlier weeks.
/// </summary>
/// <param name="From">Start of the pinned window; null for the other two.</param>
/// <param name="Weeks">Number of earlier weeks; 0 for the other two.</param>
public sealed record DriftBaseline(DateTimeOffset? From, DateTimeOffset? To, int Weeks)
{
    public const string OfReference = "reference";

    private const string OfSeason = "season";
    private const int DefaultWeeks = 4;
    private const int MaxWeeks = 52;

    /// <summary>The accepted texts, in words.</summary>
    internal const string Forms =
        "'reference', 'season', 'season:<weeks>' (1 to 52), or an interval of instants such as '2026-01-05T00:00:00Z/2026-01-12T00:00:00Z'";

    public static DriftBaseline Reference { get; } = new(null, null, 0);

    /// <summary>
    /// Reads <c>reference</c>, <c>season</c>, <c>season:8</c> (weeks) or an interval such as
    /// <c>2026-01-05T00:00:00Z/2026-01-12T00:00:00Z</c>; null: the reference.
    /// </summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/>.</exception>
    public static DriftBaseline Parse(string? text) => Find(text ?? OfReference)
        ?? throw new ServiceException(ErrorCode.InvalidRequest,
            $"'{text}' is not a baseline; it must be {Forms}.");

    /// <summary>Null if the text is not a baseline.</summary>
    public static DriftBaseline? Find(string text)
    {
        if (text == OfReference)
        {
            return Reference;
        }

        if (text == OfSeason)
        {
            return new DriftBaseline(null, null, DefaultWeeks);
        }

        if (text.StartsWith(OfSeason + ":", StringComparison.Ordinal))
        {
            return int.TryParse(text[(OfSeason.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int weeks)
                && weeks is >= 1 and <= MaxWeeks
                ? new DriftBaseline(null, null, weeks)
                : null;
        }

        return text.Split('/') is [var from, var to]
            && TryParse(from, out DateTimeOffset start)
            && TryParse(to, out DateTimeOffset end)
            && start < end
            ? new DriftBaseline(start, end, 0)
            : null;
    }

    public override string ToString() =>
        From is { } from
            ? $"{Text(from)}/{Text(To!.Value)}"
            : Weeks > 0
            ? $"{OfSeason}:{Weeks.ToString(CultureInfo.InvariantCulture)}"
            : OfReference;

    private static bool TryParse(string text, out DateTimeOffset instant) =>
        DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out instant);

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
