using System.Globalization;
using Microsoft.Azure.Functions.Worker;
using Modeldrop.Standalone.Timers;

namespace Modeldrop.Tests.Standalone;

public sealed class TimerScheduleTests
{
    [Theory]
    [InlineData("0 */5 * * * *", "2026-03-01T10:02:03", "2026-03-01T10:05:00")]
    [InlineData("0 */5 * * * *", "2026-03-01T10:05:00", "2026-03-01T10:10:00")]
    [InlineData("30 0 0 1 1 *", "2026-03-01T10:02:03", "2027-01-01T00:00:30")]
    [InlineData("0 0 9 * * 1-5", "2026-03-06T10:00:00", "2026-03-09T09:00:00")]
    [InlineData("00:00:10", "2026-03-01T23:59:55", "2026-03-02T00:00:05")]
    [InlineData("1.00:00:00", "2026-03-01T23:59:55", "2026-03-02T23:59:55")]
    public void Next_Schedule_IsTheFirstTimeAfterNow(string schedule, string after, string expected)
    {
        DateTime? next = Parse(schedule).Next(Utc(after));

        Assert.Equal(Utc(expected), next);
        Assert.Equal(DateTimeKind.Utc, next!.Value.Kind);
    }

    [Theory]
    [InlineData("0 * * * * *", true)]
    [InlineData("*/30 * * * * *", false)]
    [InlineData("0,30 0 * * * *", false)]
    [InlineData("00:01:00", true)]
    [InlineData("00:00:59", false)]
    public void IsMonitorable_Period_NeedsAtLeastOneMinute(string schedule, bool expected) =>
        Assert.Equal(expected, Parse(schedule).IsMonitorable(Utc("2026-03-01T10:02:03")));

    [Fact]
    public void Begin_NoStatus_WaitsForTheNextTime()
    {
        (ScheduleStatus status, bool isPastDue) = TimerPlan.Begin(Parse("0 0 * * * *"), null, Utc("2026-03-01T10:02:03"));

        Assert.Equal((default, Utc("2026-03-01T11:00:00"), false), (status.Last, status.Next, isPastDue));
    }

    [Theory]
    [InlineData("2026-03-01T10:30:00", false)]
    [InlineData("2026-03-01T11:00:00", true)]
    [InlineData("2026-03-04T05:00:00", true)]
    public void Begin_StatusOfThisSchedule_IsPastDueFromItsNextTime(string now, bool expected)
    {
        var stored =
            new ScheduleStatus
            {
                Last = Utc("2026-03-01T10:00:00"),
                Next = Utc("2026-03-01T11:00:00"),
                LastUpdated = Utc("2026-03-01T10:00:00"),
            };

        (ScheduleStatus status, bool isPastDue) = TimerPlan.Begin(Parse("0 0 * * * *"), stored, Utc(now));

        Assert.Same(stored, status);
        Assert.Equal(expected, isPastDue);
    }

    /// <summary>A clock that ran ahead has stored a future time; waiting for that time would stop the timer until then.</summary>
    [Theory]
    [InlineData("2026-03-01T10:30:00", "2026-03-01T11:00:00")]
    [InlineData("2026-03-02T09:30:00", "2026-03-02T10:00:00")]
    [InlineData("2026-03-02T09:59:30", "2026-03-02T11:00:00")]
    public void Begin_StatusAheadOfTheClock_IsCorrected(string now, string next)
    {
        var stored = new ScheduleStatus { Last = Utc("2026-03-02T10:00:00"), Next = Utc("2026-03-02T11:00:00"),
            LastUpdated = Utc("2026-03-02T10:00:00") };

        (ScheduleStatus status, bool isPastDue) = TimerPlan.Begin(Parse("0 0 * * * *"), stored, Utc(now));

        Assert.Equal((Utc(next), false), (status.Next, isPastDue));
    }

    [Fact]
    public void Begin_ScheduleChanged_StartsAgain()
    {
        var stored =
            new ScheduleStatus
            {
                Last = Utc("2026-03-01T10:00:00"),
                Next = Utc("2026-03-01T11:00:00"),
                LastUpdated = Utc("2026-03-01T10:00:00"),
            };

        (ScheduleStatus status, bool isPastDue) = TimerPlan.Begin(Parse("0 0 6 * * *"), stored, Utc("2026-03-03T10:00:00"));

        Assert.Equal((stored.Last, Utc("2026-03-04T06:00:00"), false), (status.Last, status.Next, isPastDue));
    }

    [Theory]
    [InlineData("2026-03-01T11:00:00.010", false, "2026-03-01T11:00:00.010", "2026-03-01T12:00:00")]
    [InlineData("2026-03-01T10:59:59.990", false, "2026-03-01T11:00:00", "2026-03-01T12:00:00")]
    [InlineData("2026-03-01T10:30:00", true, "2026-03-01T10:30:00", "2026-03-01T11:00:00")]
    [InlineData("2026-03-01T13:30:00", false, "2026-03-01T13:30:00", "2026-03-01T14:00:00")]
    public void AfterRun_Start_SetsLastAndNext(string startedAt, bool early, string last, string next)
    {
        var before = new ScheduleStatus { Next = Utc("2026-03-01T11:00:00") };

        ScheduleStatus after = TimerPlan.AfterRun(Parse("0 0 * * * *"), before, Utc(startedAt), early);

        Assert.Equal((Utc(last), Utc(next), Utc(last)), (after.Last, after.Next, after.LastUpdated));
    }

    private static TimerSchedule Parse(string text)
    {
        TimerSchedule? schedule = TimerSchedule.Parse(text, out string? error);
        Assert.Null(error);
        return schedule!;
    }

    private static DateTime Utc(string text) =>
        DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
