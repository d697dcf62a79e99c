using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.Tests.Wire;

/// <summary>Compressed bodies and their size limits.</summary>
public sealed class OipCompressionTests
{
    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("gzip", "br;q=1.0, deflate;q=0.8, gzip;q=0.5")]
    [InlineData("identity", "gzip, deflate, br")]
    [InlineData("identity", "br")]
    [InlineData("identity", "gzip;q=0")]
    public async Task InferAsync_Compressed_WorksInBothDirections(string sent, string accepted)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));
        string data = string.Join(",", Enumerable.Range(0, 500));
        byte[] body = Encoding.UTF8.GetBytes($$"""{"inputs":[{"name":"x","shape":[500],"datatype":"FP32","data":[{{data}}]}]}""");

        Reply reply = await kit.InferAsync("m", Compress(sent, body), null, ("Content-Encoding", sent), ("Accept-Encoding", accepted));

        string expected = accepted switch { "gzip" or "gzip, deflate, br" => "gzip", "br" or "gzip;q=0" => "", _ => "deflate" };
        Assert.Equal((200, expected), (reply.Status, reply.Headers.ContentEncoding.ToString()));
        using Stream plain = expected switch
        {
            "gzip" => new GZipStream(new MemoryStream(reply.Body), CompressionMode.Decompress),
            "deflate" => new ZLibStream(new MemoryStream(reply.Body), CompressionMode.Decompress),
            _ => new MemoryStream(reply.Body),
        };
        JsonElement json = JsonDocument.Parse(plain).RootElement;
        Assert.Equal($"[{data}]", json.GetProperty("outputs")[0].GetProperty("data").GetRawText());
    }

    [Theory]
    [InlineData("br", 415)]
    [InlineData("gzip, gzip", 415)]
    [InlineData("gzip", 400)]
    [InlineData("deflate", 400)]
    public async Task InferAsync_EncodingUnknownOrBroken_IsTheCallersError(string encoding, int status)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));

        Reply reply = await kit.InferAsync("m", """{"inputs":[]}""", null, ("Content-Encoding", encoding));

        Assert.Equal(status, reply.Status);
        Assert.Equal(status == 415 ? "gzip, deflate" : "", reply.Headers.AcceptEncoding.ToString());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task InferAsync_TruncatedCompressedBody_NamesTheEncoding(string encoding)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));
        byte[] whole = Compress(encoding, Encoding.UTF8.GetBytes($$"""{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1,2{{new string(' ', 500)}}]}]}"""));
        foreach (int length in (int[])[whole.Length - 1, whole.Length - 12, whole.Length / 2, 12])
        {
            Reply reply = await kit.InferAsync("m", whole[..length], null, ("Content-Encoding", encoding));

            Assert.Equal(400, reply.Status);
            Assert.Contains(encoding, Encoding.UTF8.GetString(reply.Body), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task InferAsync_TooLarge_Is413AlsoIfOnlyAfterDecompression()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", OnnxBuilder.Identity(TensorElementType.Float, -1), configure: options => options.MaxRequestBytes = 4096);

        Assert.Equal(413, (await kit.InferAsync("m", new byte[5000])).Status);
        Assert.Equal(413, (await kit.InferAsync("m", Compress("gzip", new byte[5_000_000]), null, ("Content-Encoding", "gzip"))).Status);
        Assert.Equal(400, (await kit.InferAsync("m", new byte[4096])).Status);
    }

    private static byte[] Compress(string encoding, byte[] body)
    {
        using var target = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true),
            "deflate" => new ZLibStream(target, CompressionLevel.Optimal, leaveOpen: true),
            _ => target,
        })
        {
            stream.Write(body);
        }

        return target.ToArray();
    }
}
