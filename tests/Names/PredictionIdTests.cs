using System.Text.RegularExpressions;
using FsCheck.Xunit;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Predictions;

namespace Modeldrop.Tests.Names;

public sealed class PredictionIdTests
{
    [Property]
    public bool Parse_OfToString_RoundTrips(uint model, uint hour, uint writer, uint sequence)
    {
        var id = new PredictionId(model, hour, writer, sequence);
        string text = id.ToString();
        return PredictionId.Parse(text) == id
            && PredictionId.Find(text.ToLowerInvariant()) == id
            && Regex.IsMatch(text, "^[0-7][0-9A-HJKMNP-TV-Z]{25}$");
    }

    [Fact]
    public void ToString_Extremes_FollowCrockford()
    {
        Assert.Equal("00000000000000000000000000", default(PredictionId).ToString());
        Assert.Equal("00000000000000000000000021", new PredictionId(0, 0, 0, 65).ToString());
        Assert.Equal("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", new PredictionId(uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue).ToString());
        Assert.Equal(new PredictionId(0, 0, 0, 32), PredictionId.Find("000000000000000000000000IO"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0000000000000000000000000")]
    [InlineData("000000000000000000000000000")]
    [InlineData("80000000000000000000000000")]
    [InlineData("0000000000000000000000000U")]
    [InlineData("0000000000000000000000000-")]
    [InlineData("0000000000000000000000000é")]
    public void Find_NotAnId_IsNull(string? text) => Assert.Null(PredictionId.Find(text));

    [Fact]
    public void Parse_NotAnId_IsTheCallersError()
    {
        var exception = Assert.Throws<ServiceException>(() => PredictionId.Parse("x"));
        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
    }

    [Fact]
    public void HashOf_Name_IsTheStartOfItsSha256() =>
        // sha256sum of "flights": c8cf489e…
        Assert.Equal(0xc8cf489eu, PredictionId.HashOf(ModelName.Parse("flights")));

    [Fact]
    public void Partition_Key_RoundTrips()
    {
        var partition = new LogPartition(0xffffffff, 0x00000001, 0x7fffffff);
        Assert.Equal("ffffffff000000017fffffff", partition.Key);
        Assert.Equal(partition, LogPartition.Parse(partition.Key));
        Assert.True(string.CompareOrdinal(partition.Key, LogPartition.KeyAbove(0xffffffff)) < 0);
        Assert.True(string.CompareOrdinal(LogPartition.KeyFrom(0xffffffff, 1), partition.Key) < 0);
    }
}
