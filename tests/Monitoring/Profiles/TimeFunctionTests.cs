using Modeldrop.Monitoring.Profiles;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Profiles;

/// <summary>Features that are determined by the time or identity of a row.</summary>
public sealed class TimeFunctionTests
{
    private readonly Random _random = new(5);

    [Theory]
    [InlineData("hour", 0, 23, TimeRole.HourOfDay)]
    [InlineData("dow", 1, 7, TimeRole.DayOfWeek)]
    [InlineData("dayOfWeek", 0, 6, TimeRole.DayOfWeek)]
    [InlineData("departure_month", 1, 12, TimeRole.Month)]
    [InlineData("day", 1, 31, TimeRole.DayOfMonth)]
    [InlineData("year", 2001, 2004, TimeRole.Year)]
    [InlineData("ts", 978_307_200, 988_675_200, TimeRole.Timestamp)]
    [InlineData("hours", 0, 23, null)]
    [InlineData("hour", 0, 100, null)]
    [InlineData("x", 0, 23, null)]
    [InlineData("distance", 20, 4000, null)]
    [InlineData("price", 978_307_200, 988_675_200, null)]
    public void Of_Numbers_GivesTheRoleByNameAndRange(string name, int least, int greatest, TimeRole? expected)
    {
        long[] values = [least, greatest, .. Enumerable.Range(0, 500).Select(_ => (long)_random.Next(least, greatest + 1)), least];
        Assert.Equal(expected, RoleOf(Numbers(name, Datatype.Int64, [values.Length, 1], values)));
        Assert.Equal(expected, RoleOf(Numbers(name, Datatype.Fp64, [values.Length, 1], [.. values.Select(value => (double)value)])));
    }

    [Fact]
    public void Of_RunningNumbersAndKeys_GivesTheirRoles()
    {
        long[] running = [.. Enumerable.Range(0, 300).Select(row => 5_000L + (3 * row))];
        long[] shuffled = [.. running];
        _random.Shuffle(shuffled);
        Assert.Equal(TimeRole.RunningNumber, RoleOf(Numbers("x", Datatype.Int64, [300, 1], running)));
        Assert.Null(RoleOf(Numbers("x", Datatype.Int64, [300, 1], shuffled)));
        Assert.Equal(TimeRole.UniqueKey, RoleOf(Numbers("customer_id", Datatype.Int64, [300, 1], shuffled)));
        Assert.Null(RoleOf(Numbers("x", Datatype.Fp64, [300, 1], [.. running.Select(value => (double)value)])));
        Assert.Null(RoleOf(Numbers("id", Datatype.Int64, [40, 1], running[..40])));
    }

    [Fact]
    public void Of_Texts_GivesTheRoleByTheirForm()
    {
        Assert.Equal(TimeRole.DayOfWeek, RoleOf(Texts("d", row => row % 2 == 0 ? "Monday" : "tue")));
        Assert.Equal(TimeRole.Timestamp, RoleOf(Texts("at", row => $"2001-01-{1 + (row % 28):00}T00:45:00Z")));
        Assert.Equal(TimeRole.UniqueKey, RoleOf(Texts("x", row => $"user-{row:d6}")));
        Assert.Null(RoleOf(Texts("origin", row => row % 3 == 0 ? "SEA" : "ANC")));
        Assert.Null(RoleOf(Texts("comment", row => $"this is the comment {row}")));
    }

    private static TimeRole? RoleOf(Tensor tensor) => Assert.Single(ReferenceProfiler.Build([tensor], []).Features).TimeRole;

    private static Tensor Texts(string name, Func<int, string> text) =>
        Tensor.OfStrings(name, [300, 1], [.. Enumerable.Range(0, 300).Select(text)]);
}
