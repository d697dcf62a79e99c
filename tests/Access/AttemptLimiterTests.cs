using System.Net;
using Microsoft.Extensions.Options;
using Modeldrop.Access;

namespace Modeldrop.Tests.Access;

public sealed class AttemptLimiterTests
{
    [Fact]
    public void Count_BeyondTheBurst_ThisAddressMustWaitAndOthersNeedNot()
    {
        using var limiter = new AttemptLimiter(Options.Create(new AccessOptions { WrongKeyBurst = 3 }));
        var address = IPAddress.Parse("192.0.2.7");

        TimeSpan?[] waits = [.. Enumerable.Range(0, 4).Select(_ => limiter.Count(address))];

        Assert.Equal([null, null, null], waits[..3]);
        Assert.InRange(waits[3]!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(6));
        Assert.Null(limiter.Count(IPAddress.Parse("192.0.2.8")) ?? limiter.Count(IPAddress.Parse("192.0.2.9")));
    }

    [Fact]
    public void Count_AddressesOfOneIpv6Network_CountAsOne()
    {
        using var limiter = new AttemptLimiter(Options.Create(new AccessOptions { WrongKeyBurst = 2 }));

        TimeSpan?[] waits = [.. Enumerable.Range(1, 3).Select(host => limiter.Count(IPAddress.Parse($"2001:db8:1:2::{host}")))];

        Assert.Null(waits[1]);
        Assert.NotNull(waits[2]);
    }
}
