using Modeldrop.Pages;

namespace Modeldrop.Tests.Pages;

public sealed class PageLinksTests
{
    [Fact]
    public void Links_OfNamesWithSpecialCharacters_StayOnePath()
    {
        Assert.Equal("/console/models/a.b-c_1/versions/3", PageLinks.Version("a.b-c_1", 3));
        Assert.Equal("/console/datasets/a%2Fb%3Fc", PageLinks.Dataset("a/b?c"));
        Assert.Equal("/console/operations/flights~register~1", PageLinks.Operation(Ids.Operation("1")));
        Assert.Equal("/console/drop?model=a%26b", PageLinks.DropOf("a&b"));
    }

    /// <summary>
    /// <c>/models/{m}</c> is a server's address for MLflow's client, and <c>/v2</c> belongs to the Open Inference Protocol.
    /// </summary>
    [Fact]
    public void Navigation_Addresses_AreOutsideTheScoringProtocols() => Assert.All(
        PageFrame.Navigation, entry => Assert.True(
            entry.Address is "/" or PageLinks.Api || entry.Address.StartsWith("/console/", StringComparison.Ordinal), entry.Address));
}
