using Modeldrop.Errors;
using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tests.Tracking.Protocol;

public sealed class FilterReaderTests
{
    private static readonly Dictionary<string, string> Flights = new()
    {
        ["name"] = "flights", ["version_number"] = "10", ["tags.my team"] = "ops", ["metrics.auc"] = "0.81", ["params.depth"] = "3",
        ["run_id"] = "a", ["tags.quote"] = "it's",
    };

    [Theory]
    [InlineData("", true)]
    [InlineData("name = 'flights'", true)]
    [InlineData("name='Flights'", false)]
    [InlineData("name LIKE 'fl%'", true)]
    [InlineData("name like 'FL%'", false)]
    [InlineData("name ILIKE 'FL%'", true)]
    [InlineData("name LIKE 'f_ights'", true)]
    [InlineData("name LIKE 'f.ights'", false)]
    [InlineData("name != 'flights'", false)]
    [InlineData("attributes.name = 'flights'", true)]
    [InlineData("tags.`my team` = 'ops' AND name = 'flights'", true)]
    [InlineData("tag.\"my team\" = 'dev' and name = 'flights'", false)]
    [InlineData("tags.absent = 'x'", false)]
    [InlineData("tags.absent != 'x'", false)]
    [InlineData("params.absent != '3'", false)]
    [InlineData("metrics.absent != 3", false)]
    [InlineData("tags.absent NOT IN ('x')", false)]
    [InlineData("params.depth != '4'", true)]
    [InlineData("tags.`mlflow.prompt.is_prompt` != 'true'", true)]
    [InlineData("metrics.auc > 0.8", true)]
    [InlineData("metrics.auc >= 8.1e-1", true)]
    [InlineData("metrics.auc < 0.5", false)]
    [InlineData("metrics.auc > .8", true)]
    [InlineData("metrics.auc > .82", false)]
    [InlineData("run_id != 'it''s'", true)]
    [InlineData("tags.quote = 'it''s'", true)]
    [InlineData("tags.quote IN ('x', 'it''s')", true)]
    [InlineData("version_number > 9", true)]
    [InlineData("version_number = '10'", true)]
    [InlineData("params.depth = '3'", true)]
    [InlineData("run_id IN ('a', 'b')", true)]
    [InlineData("run_id NOT IN ('a')", false)]
    [InlineData("name = 'it AND that'", false)]
    public void Read_Filter_FindsTheMatchingItems(string filter, bool found) =>
        Assert.Equal(found, Read(filter).All(term => term.Passes(Flights.GetValueOrDefault(term.Key))));

    [Theory]
    [InlineData("name")]
    [InlineData("name = flights")]
    [InlineData("name = 'flights' OR name = 'x'")]
    [InlineData("name = 'flights' AND ")]
    [InlineData("name = 'flights' name = 'x'")]
    [InlineData("size = '3'")]
    [InlineData("name IN 'a'")]
    [InlineData("name = ('a')")]
    [InlineData("name = 'it's'")]
    [InlineData("; DROP TABLE")]
    public void Read_NotAFilter_IsRefused(string filter)
    {
        var exception = Assert.Throws<ServiceException>(() => Read(filter));

        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
        Assert.StartsWith("Invalid filter", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_PatternThatBacktracks_TakesNoTime()
    {
        string filter = $"run_id IN ({string.Join(", ", Enumerable.Repeat("'aaaa'", 500))}, x)";

        Assert.Throws<ServiceException>(() => Read(filter));
        string pattern = string.Concat(Enumerable.Repeat("%a", 1_000));
        Assert.False(new FilterTerm("name", FilterOperator.Like, [pattern]).Passes(new string('a', 999) + new string('b', 4_000)));
    }

    [Theory]
    [InlineData("name DESC", "d,c,b,a")]
    [InlineData("metrics.size", "b,a,d,c")]
    [InlineData("metrics.size DESC", "a,b,d,c")]
    [InlineData("params.size", "a,b,d,c")]
    [InlineData("params.size DESC", "d,b,a,c")]
    public void Sort_Order_PutsNotANumberAndAbsentValuesLast(string order, string expected)
    {
        (string Name, string? Size)[] items = [("a", "10"), ("b", "9"), ("c", null), ("d", "NaN")];

        IReadOnlyList<(string Name, string? Size)> sorted = SearchOrder.Sort(
            items, [order], key => key is "name" or "metrics.size" or "params.size",
            (item, key) => key == "name" ? item.Name : item.Size, "name");

        Assert.Equal(expected, string.Join(',', sorted.Select(item => item.Name)));
    }

    [Fact]
    public void Find_Created_IsTheStartTime()
    {
        Run[] runs = [.. new (string Id, long Start)[] { ("a", 10), ("b", 9), ("c", 30) }.Select(
            run => new Run { Id = run.Id, ExperimentId = "0", Name = run.Id, Owner = "ann", StartTime = run.Start })];

        IReadOnlyList<Run> found = TrackingSearch.Find(runs, "attributes.created < 20", ["attributes.Created ASC"], ViewType.All);

        Assert.Equal(["b", "a"], found.Select(run => run.Id));
    }

    [Fact]
    public void Sort_UnknownKey_IsRefused() =>
        Assert.Throws<ServiceException>(() => SearchOrder.Sort([1], ["colour"], _ => false, (_, _) => null, []));

    [Fact]
    public void Cut_Pages_ContainEachItemOnce()
    {
        int[] all = [.. Enumerable.Range(0, 10)];
        List<int> seen = [];
        string? token = null;
        do
        {
            (IReadOnlyList<int> page, token) = PageToken.Cut(all, token, 3);
            seen.AddRange(page);
        }
        while (token is not null);

        Assert.Equal(all, seen);
        Assert.Throws<ServiceException>(() => PageToken.Cut(all, "nonsense", 3));
        Assert.Throws<ServiceException>(() => PageToken.Cut(all, Convert.ToBase64String("after:-3"u8), 3));
    }

    private static IReadOnlyList<FilterTerm> Read(string filter) => FilterReader.Read(
        filter,
        key => key is "name" or "run_id" or "version_number" || key.Split('.')[0] is "tags" or "metrics" or "params",
        "name and others");
}
