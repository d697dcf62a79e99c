using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
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
        Assert.InRange(body.Position, 0, isAnnounced ? 0 : 2 << 20);
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

    [Fact]
    public async Task ReadAsync_ManyMembers_IsRefusedWithoutLookingAtAll()
    {
        byte[] body = Encoding.UTF8.GetBytes($$"""{{{string.Join(",", Enumerable.Range(0, 70_000).Select(i => $"\"m{i}\":1"))}}}""");
        // The least of several: other tests may use up the pool that JSON documents use.
        long allocated = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            var http = new DefaultHttpContext { Request = { Body = new MemoryStream(body) } };
            long before = GC.GetAllocatedBytesForCurrentThread();
            Task<Document> reading = RequestBody.ReadAsync<Document>(http.Request, optional: false, TestContext.Current.CancellationToken);
            Assert.True(reading.IsCompleted);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            ServiceException exception = await Assert.ThrowsAsync<ServiceException>(() => reading);
            Assert.Equal(["The body has 70000 members; it may hold 'version', 'reason'."], exception.Violations);
        }

        Assert.InRange(allocated, 1, body.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task ReadAsync_InParts_IsReadWhole(int partBytes)
    {
        var pipe = new Pipe();
        byte[] body = Encoding.UTF8.GetBytes($$"""{"version":7,"reason":"{{new string('ä', 5_000)}}"}""");
        var http = new DefaultHttpContext();
        http.Features.Set<IRequestBodyPipeFeature>(new Piped(pipe.Reader));
        Task<Document> reading = RequestBody.ReadAsync<Document>(http.Request, optional: false, TestContext.Current.CancellationToken);
        foreach (byte[] part in body.Chunk(partBytes))
        {
            await pipe.Writer.WriteAsync(part, TestContext.Current.CancellationToken);
        }

        await pipe.Writer.CompleteAsync();

        Assert.Equal(new Document(7, new string('ä', 5_000)), await reading);
    }

    private sealed record Piped(PipeReader Reader) : IRequestBodyPipeFeature;

    private sealed record Document(int Version, string Reason);
}
