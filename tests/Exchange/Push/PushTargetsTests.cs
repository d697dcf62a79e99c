using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Exchange;
using Modeldrop.Exchange.Push;

namespace Modeldrop.Tests.Exchange.Push;

public sealed class PushTargetsTests
{
    [Fact]
    public void Get_NameInTheSettings_GivesItsAddressAndKey()
    {
        PushTargets targets = Targets("test=https://test.example.com/app; prod = https://prod.example.com", "prod=secret=1");

        Assert.Equal(new PushTarget("test", new Uri("https://test.example.com/app/"), null), targets.Get("test"));
        Assert.Equal(new PushTarget("prod", new Uri("https://prod.example.com/"), "secret=1"), targets.Get("prod"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://prod.example.com")]
    [InlineData("other")]
    public void Get_UnknownName_IsTheCallersError(string? name)
    {
        ServiceException exception = Assert.Throws<ServiceException>(() => Targets("prod=https://prod.example.com", null).Get(name));

        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
        Assert.Contains("'prod'", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("a=http://127.0.0.1:7071", "", true)]
    [InlineData("a=http://prod.example.com", "", false)]
    [InlineData("a=ftp://prod.example.com", "", false)]
    [InlineData("a=https://user:word@prod.example.com", "", false)]
    [InlineData("a=https://prod.example.com?x=1", "", false)]
    [InlineData("a", "", false)]
    [InlineData("a=https://a.example.com; a=https://b.example.com", "", false)]
    [InlineData("a=https://a.example.com", "b=key", false)]
    public void AreUsable_Settings_AreCheckedAtStartUp(string targets, string keys, bool expected) =>
        Assert.Equal(expected, PushTargets.AreUsable(new ExchangeOptions { Targets = targets, TargetKeys = keys }));

    private static PushTargets Targets(string targets, string? keys) =>
        new(Options.Create(new ExchangeOptions { Targets = targets, TargetKeys = keys }));
}
