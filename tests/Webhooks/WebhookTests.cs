using System.Net;
using Modeldrop.Webhooks;

namespace Modeldrop.Tests.Webhooks;

public sealed class WebhookTests
{
    private const string Secret = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

    [Fact]
    public void Sign_Vector_EqualsTheReferenceLibrary() => Assert.Equal(
        "v1,qh9MfHEtnZhS0u2FoCeZNYOKxSZ8NuvRe9GpgsFko6w=",
        WebhookSignature.Sign(
            [WebhookSignature.FindKey(Secret)!], "msg_0001", DateTimeOffset.FromUnixTimeSeconds(1767225600),
            """{"type":"drift.alert","timestamp":"2026-01-01T00:00:00Z","data":{"model":"fraud"}}"""u8));

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    public void PublicAddress_SpecialRanges_AreNotPublic(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("whsec_AQID")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=")]
    [InlineData("whsec_not base64")]
    public void Options_InvalidSecret_IsRefusedAtStartUp(string secret) =>
        Assert.NotEmpty(
            new WebhookOptions { Secrets = secret }.Validate(new System.ComponentModel.DataAnnotations.ValidationContext(new object())));
}
