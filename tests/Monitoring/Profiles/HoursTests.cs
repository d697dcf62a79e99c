using System.Globalization;
using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Tests.Monitoring.Profiles;

public sealed class HoursTests
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0, 0, "1970010100")]
    [InlineData("1970-01-01T00:00:00.0000001Z", 0, 1, "1970010100")]
    [InlineData("1969-12-31T23:59:59.9999999Z", -1, 0, "1969123123")]
    [InlineData("1969-12-31T23:00:00Z", -1, -1, "1969123123")]
    [InlineData("2026-05-06T14:30:00+02:00", 493908, 493909, "2026050612")]
    public void FloorCeilingAndKey_OfATime_AreThoseOfItsHour(string text, long floor, long ceiling, string key)
    {
        DateTimeOffset time = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
        Assert.Equal((floor, ceiling, key), (Hours.Floor(time), Hours.Ceiling(time), Hours.ToKey(Hours.Floor(time))));
        Assert.Equal(floor, Hours.FromKey(key));
        Assert.True(Hours.StartOf(floor) <= time && time < Hours.StartOf(floor + 1));
    }

    [Fact]
    public void ToKey_EarliestAndLatestTimes_Sort()
    {
        long first = Hours.Floor(DateTimeOffset.MinValue);
        long last = Hours.Floor(DateTimeOffset.MaxValue);
        Assert.Equal(["0", "0001010100", "9999123123", "A"], new[] { first - 1, first, last, last + 1 }.Select(Hours.ToKey));
        Assert.Equal((DateTimeOffset.MinValue, DateTimeOffset.MaxValue), (Hours.StartOf(first - 1), Hours.StartOf(last + 1)));
        Assert.Equal((first, last + 1), (Hours.Ceiling(DateTimeOffset.MinValue), Hours.Ceiling(DateTimeOffset.MaxValue)));
    }
}
