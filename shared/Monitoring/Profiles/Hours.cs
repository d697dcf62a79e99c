using System.Globalization;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Hours of event time, counted from 1970-01-01T00Z; earlier hours are negative.</summary>
public static class Hours
{
    private const string Format = "yyyyMMddHH";

    private static readonly long First = Floor(DateTimeOffset.MinValue);
    private static readonly long Last = Floor(DateTimeOffset.MaxValue);

    /// <summary>The hour that <paramref name="time"/> is in.</summary>
    public static long Floor(DateTimeOffset time)
    {
        (long hour, long rest) = Math.DivRem(time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks, TimeSpan.TicksPerHour);
        return rest < 0 ? hour - 1 : hour;
    }

    /// <summary>The first hour that begins at or after <paramref name="time"/>.</summary>
    public static long Ceiling(DateTimeOffset time)
    {
        long hour = Floor(time);
        return StartOf(hour) == time ? hour : hour + 1;
    }

    /// <summary>The instant at which the hour begins, clamped to the range of the calendar.</summary>
    public static DateTimeOffset StartOf(long hour) =>
        hour < First
            ? DateTimeOffset.MinValue
            : hour > Last
            ? DateTimeOffset.MaxValue
            : DateTimeOffset.UnixEpoch.AddTicks(hour * TimeSpan.TicksPerHour);

    /// <summary>Text that sorts in the order of the hours: <c>2026050612</c>; also for hours outside the calendar.</summary>
    internal static string ToKey(long hour) =>
        hour < First ? "0" : hour > Last ? "A" : StartOf(hour).ToString(Format, CultureInfo.InvariantCulture);

    internal static long FromKey(string key) =>
        Floor(DateTimeOffset.ParseExact(key, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
}
