using System.Text.Json.Serialization;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>How a feature depends on when a row was received, or which row it is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TimeRole>))]
public enum TimeRole
{
    /// <summary>0 to 23, or 1 to 24.</summary>
    HourOfDay,

    /// <summary>0 to 6, or 1 to 7, or names of days.</summary>
    DayOfWeek,

    /// <summary>1 to 31.</summary>
    DayOfMonth,

    /// <summary>0 to 11, 1 to 12, or names of months.</summary>
    Month,

    /// <summary>Four digits.</summary>
    Year,

    /// <summary>An instant: text, or the time since 1970.</summary>
    Timestamp,

    /// <summary>Each row has a greater number than the previous one, or each has a smaller one.</summary>
    RunningNumber,

    /// <summary>Each row has a different value.</summary>
    UniqueKey,
}

/// <summary>Recognises features that are functions of time: they change as time passes, and that is not drift.</summary>
/// <remarks>
/// Hours, days, months and years are recognised by name and range together, since a number from 0 to 23 alone may be anything. Timestamps
/// are recognised by name and size, or as text that is an instant. Running numbers are whole, distinct, in the order of the rows with few
/// exceptions, and either integers or named like keys. Unique keys are distinct texts, or whole numbers with the name of a key. Requires at
/// least <see cref="MinRows"/> rows.
/// </remarks>
internal static class TimeFunction
{
    /// <summary>Fewer rows are not enough evidence.</summary>
    public const int MinRows = 50;

    private static readonly string[] DayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    private static readonly string[] MonthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    /// <summary>Text for people: what the feature is, and that it has no verdict.</summary>
    public static string WordsOf(TimeRole role) => role switch
    {
        TimeRole.HourOfDay => "The hour of the day: it depends on when rows are received, so a change of its distribution is not drift.",
        TimeRole.DayOfWeek => "The day of the week: it depends on when rows are received, so a change of its distribution is not drift.",
        TimeRole.DayOfMonth => "The day of the month: it depends on when rows are received, so a change of its distribution is not drift.",
        TimeRole.Month => "The month: it depends on when rows are received, so a change of its distribution is not drift.",
        TimeRole.Year => "The year: it depends on when rows are received, so a change of its distribution is not drift.",
        TimeRole.Timestamp => "An instant: it grows with time, so a change of its distribution is not drift.",
        TimeRole.RunningNumber => "A running number: it grows with every row, so a change of its distribution is not drift.",
        _ => "A unique key: each row has a different value, so there is no distribution that could drift.",
    };

    /// <summary>Classifies numbers in the order of the rows.</summary>
    /// <param name="isInteger">Whether their datatype is an integer.</param>
    public static TimeRole? Of(string name, IReadOnlyList<double> values, bool isInteger)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        if (finite.Length < MinRows)
        {
            return null;
        }

        string[] words = WordsIn(name);
        (double least, double greatest) = (finite.Min(), finite.Max());
        bool isWhole = finite.All(value => value == Math.Floor(value));
        int distinct = finite.Distinct().Count();
        if (isWhole && distinct > 1 && ByCalendar(words, least, greatest) is { } role)
        {
            return role;
        }

        if (words.Any(word => word is "ts" or "time" or "timestamp" or "datetime" or "date" or "epoch" or "unixtime")
            && IsInstant(least, greatest))
        {
            return TimeRole.Timestamp;
        }

        if (!isWhole || distinct < finite.Length)
        {
            return null;
        }

        bool isKey = words.Any(IsKey);
        int ups = Enumerable.Range(1, finite.Length - 1).Count(index => finite[index] > finite[index - 1]);
        bool isRunning = ups >= 0.99 * (finite.Length - 1) || ups <= 0.01 * (finite.Length - 1);
        return isRunning && (isInteger || isKey) ? TimeRole.RunningNumber : isKey ? TimeRole.UniqueKey : null;
    }

    /// <summary>Classifies texts in the order of the rows.</summary>
    public static TimeRole? Of(string name, IReadOnlyList<string> values)
    {
        string[] texts = [.. values.Where(value => value.Length > 0)];
        if (texts.Length < MinRows)
        {
            return null;
        }

        if (texts.All(text => IsName(text, DayNames)))
        {
            return TimeRole.DayOfWeek;
        }

        if (texts.All(text => IsName(text, MonthNames)) && texts.Distinct(StringComparer.Ordinal).Count() > 1)
        {
            return TimeRole.Month;
        }

        if (texts.Take(MinRows).All(text => text.Length >= 8
            && DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _)))
        {
            return TimeRole.Timestamp;
        }

        bool isUnique = texts.Distinct(StringComparer.Ordinal).Count() == texts.Length;
        return isUnique && (texts.Length >= 200 || WordsIn(name).Any(IsKey))
            && texts.All(text => text.Length <= 64 && !text.Contains(' ', StringComparison.Ordinal)) ? TimeRole.UniqueKey : null;
    }

    private static TimeRole? ByCalendar(string[] words, double least, double greatest)
    {
        bool Has(params string[] names) => words.Intersect(names, StringComparer.Ordinal).Any();
        bool isOfWeek = Has("dow", "weekday", "dayofweek", "wday") || (Has("day") && Has("week"));
        return isOfWeek && least >= 0 && greatest <= 7 ? TimeRole.DayOfWeek
            : Has("hour", "hod", "hr", "hourofday") && least >= 0 && greatest <= 24 && greatest > 6 ? TimeRole.HourOfDay
            : Has("month", "mon", "mth") && least >= 0 && greatest <= 12 ? TimeRole.Month
            : Has("day", "dom", "dayofmonth", "mday") && !isOfWeek && least >= 1 && greatest is <= 31 and > 7 ? TimeRole.DayOfMonth
            : Has("year", "yr", "yyyy") && least >= 1900 && greatest <= 2200 ? TimeRole.Year
            : null;
    }

    /// <summary>Whether the values are between 1990 and 2100, in seconds, milliseconds, microseconds or nanoseconds since 1970.</summary>
    private static bool IsInstant(double least, double greatest) =>
        ((double[])[1, 1e3, 1e6, 1e9]).Any(unit => least / unit >= 631_152_000 && greatest / unit <= 4_102_444_800);

    private static bool IsKey(string word) =>
        word is "id" or "key" or "uuid" or "guid" or "number" or "no" or "index" or "idx" or "seq" or "sequence" or "row";

    private static bool IsName(string text, string[] names) =>
        names.Any(name => text.StartsWith(name, StringComparison.OrdinalIgnoreCase)) && text.Length <= 9;

    /// <summary><c>dayOfWeek</c>, <c>day_of_week</c> and <c>day-of-week</c> become day, of, week.</summary>
    private static string[] WordsIn(string name)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        foreach (char letter in name)
        {
            bool isNew = !char.IsLetterOrDigit(letter) || (char.IsUpper(letter) && word.Length > 0 && !char.IsUpper(word[^1]));
            if (isNew && word.Length > 0)
            {
                words.Add(word.ToString().ToLowerInvariant());
                word.Clear();
            }

            if (char.IsLetterOrDigit(letter))
            {
                word.Append(letter);
            }
        }

        return word.Length == 0 ? [.. words] : [.. words, word.ToString().ToLowerInvariant()];
    }
}
