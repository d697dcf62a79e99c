using System.Globalization;
using Modeldrop.Names;

namespace Modeldrop.Predictions;

/// <summary>A partition of the log: the requests that one process scored for one model in one hour.</summary>
/// <param name="ModelHash">As in <see cref="PredictionId.ModelHash"/>.</param>
/// <param name="Hour">Hours since 1970-01-01T00Z.</param>
public readonly record struct LogPartition(uint ModelHash, uint Hour, uint Writer)
{
    /// <summary>
    /// How long after the hour of a record's id a writer gives up storing it, so that a reader knows when an hour is complete. Part of the
    /// format: all processes of an account must agree, so it is not an option.
    /// </summary>
    public static readonly TimeSpan MaxWriteDelay = TimeSpan.FromHours(1);

    /// <summary>Covers the time-out of the last attempt and differences between clocks.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(15);

    internal const int KeyLength = 24;

    /// <summary>The partition that holds the record of a prediction.</summary>
    public static LogPartition Of(PredictionId id) => new(id.ModelHash, id.Hour, id.Writer);

    /// <summary>The partition key; sorts by model, hour, writer.</summary>
    public string Key => $"{ModelHash:x8}{Hour:x8}{Writer:x8}";

    /// <summary>The instant until which writers add to the partitions of <paramref name="hour"/>.</summary>
    public static DateTimeOffset WritableUntil(uint hour) => DateTimeOffset.FromUnixTimeSeconds((hour + 1L) * 3600) + MaxWriteDelay;

    /// <summary>The first hour whose partitions can still grow at <paramref name="now"/>.</summary>
    public static uint FirstOpenHour(DateTimeOffset now) => PredictionId.HourOf(now - MaxWriteDelay - Margin);

    /// <summary>The smallest key of a model's partitions from <paramref name="hour"/> on.</summary>
    public static string KeyFrom(uint modelHash, uint hour) => $"{modelHash:x8}{hour:x8}";

    /// <summary>Above all keys of a model: <c>g</c> follows the hexadecimal digits.</summary>
    public static string KeyAbove(uint modelHash) => $"{modelHash:x8}g";

    public static LogPartition Parse(string key) => new(
        uint.Parse(key.AsSpan(0, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        uint.Parse(key.AsSpan(8, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        uint.Parse(key.AsSpan(16, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
