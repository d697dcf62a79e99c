using System.Text;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;

namespace Modeldrop.Tests.Functions;

public sealed class RequestBodyTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadAsync_MoreThanADocument_IsRefusedBeforeAllOfItIsRead(bool isAnnounced)
    {
        var body = new MemoryStream(Encoding.UTF8.GetBytes($$"""{"version":1,"reason":"{{new string('x', 50 << 20)}}"}"""));
        var http = new DefaultHttpContext { Request = { Body = body, ContentLength = isAnnounced ? body.Length : null } };

        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(
            () => RequestBody.ReadAsync<Document>(http.Request, optional: false, TestContext.Current.CancellationToken));

        Assert.Equal(ErrorCode.PayloadTooLarge, exception.Code);
        Assert.Contains("1048576 bytes", exception.Message, StringComparison.Ordinal);
        Assert.InRange(body.Position, 0, 2 << 20);
    }

    [Fact]
    public async Task ReadAsync_AtTheLimit_IsRead()
    {
        const string Frame = """{"version":1,"reason":""}""";
        var body = new MemoryStream(Encoding.UTF8.GetBytes(Frame[..^2] + new string('x', (1 << 20) - Frame.Length) + "\"}"));
        var http = new DefaultHttpContext { Request = { Body = body } };

        Document document = await RequestBody.ReadAsync<Document>(http.Request, optional: false, TestContext.Current.CancellationToken);

        Assert.Equal(1, document.Version);
    }

    private sealed record Document(int Version, string Reason);
}
