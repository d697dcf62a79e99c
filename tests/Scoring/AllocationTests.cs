using System.Text;
using Microsoft.AspNetCore.Http;

namespace Modeldrop.Tests.Scoring;

public sealed class AllocationTests
{
    /// <summary>
    /// Covers decoding, routing, checks, the run, the hand-over to the log and encoding. The web server's own objects are not measured.
    /// </summary>
    [Fact]
    public async Task InferAsync_SmallRequest_AllocatesLittle()
    {
        const int Requests = 200;
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "digits", await File.ReadAllBytesAsync(ScoringKit.SamplePath("digits/1"), TestContext.Current.CancellationToken));
        byte[] body = Encoding.UTF8.GetBytes($$"""{"inputs":[{"name":"pixels","shape":[1,64],"datatype":"FP32","data":[{{string.Join(",", Enumerable.Range(0, 64).Select(i => $"{i % 17}.5"))}}]}]}""");
        DefaultHttpContext[] requests = [.. Enumerable.Range(0, 2 * Requests).Select(_ => Context(body))];
        kit.Log.EnsureCapacity(2 * Requests);
        await kit.Service.InferAsync(Context(body), "digits", null, CancellationToken.None);
        long allocated = 0;
        for (int i = 0; i < requests.Length; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Task answer = kit.Service.InferAsync(requests[i], "digits", null, CancellationToken.None);
            Assert.True(answer.IsCompletedSuccessfully);
            allocated += i < Requests ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{allocated / Requests} bytes a request");
        Assert.InRange(allocated / Requests, 1, 4 * 1024);
        Assert.All(requests, request => Assert.Equal(200, request.Response.StatusCode));
    }

    private static DefaultHttpContext Context(byte[] body)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(body);
        http.Request.ContentLength = body.Length;
        http.Response.Body = new MemoryStream(new byte[4096]);
        _ = http.Response.BodyWriter;
        _ = http.Response.Headers;
        return http;
    }
}
