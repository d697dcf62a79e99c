using System.Buffers;
using System.Collections.Concurrent;
using System.Text;

namespace Modeldrop.ScoringBench;

/// <summary>A malformed, large or endless request.</summary>
/// <param name="Name">What is wrong with it.</param>
internal sealed record BadRequest(string Name, Func<Task> AskAsync);

/// <summary>One request of each bad kind to <see cref="Soak.Model"/>.</summary>
internal static class BadRequests
{
    private const int LargeBytes = 20 << 20;
    private const int ReadBytes = 1 << 20;

    private static readonly TimeSpan EndlessFor = TimeSpan.FromSeconds(5);

    public static IReadOnlyList<BadRequest> Of(Server app, ConcurrentDictionary<string, int> answers)
    {
        const string Infer = $"v2/models/{Soak.Model}/infer";
        return
        [
            Of("JSON that ends early", Infer, """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,"""),
            Of("40,000 outputs", Infer, $$"""{"inputs":[],"outputs":[{{Joined(40_000, index => $$"""{"name":"n{{index}}"}""")}}]}"""),
            Of("100,000 brackets", Infer, string.Concat(Enumerable.Repeat("[", 100_000))),
            Of("5,000 rows without a common column", $"models/{Soak.Model}/invocations",
                $$"""{"dataframe_records":[{{Joined(5_000, row => $$"""{"k{{row}}":1}""")}}]}"""),
            Of("5,000 unknown members", $"api/models/{Soak.Model}/rollback", $$"""{{{Joined(5_000, member => $"\"m{member}\":1")}}}"""),
            Of("an unknown model", "v2/models/nobody/infer", "{}"),
            Of("20 MB of numbers", Infer, Large("FP32", "0.125")),
            Of("20 MB of texts", Infer, Large("BYTES", "\"abc\"")),
            Of("20 MB of rows", $"models/{Soak.Model}/invocations",
                $$$"""{"dataframe_split":{"columns":["x_0","x_1"],"data":[{{{Joined(LargeBytes / 14, _ => "[0.125,0.125]")}}}]}}"""),
            new BadRequest("a body without an end", () => EndlessAsync(app, Infer, answers)),
        ];

        BadRequest Of(string name, string path, string body)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(body);
            return new BadRequest(name, () => AskAsync(app, path, bytes, answers));
        }
    }

    /// <summary>Asks once. The answer is read and discarded, which costs the generator as little as possible.</summary>
    public static async Task AskAsync(Server app, string path, byte[] body, ConcurrentDictionary<string, int> answers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        using HttpResponseMessage response = await app.Http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
        await using Stream answer = await response.Content.ReadAsStreamAsync(CancellationToken.None);
        byte[] part = ArrayPool<byte>.Shared.Rent(ReadBytes);
        long length = 0;
        for (int read = 1; read > 0; length += read)
        {
            read = await answer.ReadAsync(part, CancellationToken.None);
        }

        ArrayPool<byte>.Shared.Return(part);
        Soak.Count(answers, response.IsSuccessStatusCode || length <= 8 * 1024 ? $"{(int)response.StatusCode}"
            : $"{(int)response.StatusCode} of {length} bytes");
    }

    private static string Joined(int count, Func<int, string> text) => string.Join(",", Enumerable.Range(0, count).Select(text));

    private static string Large(string datatype, string element)
    {
        int rows = LargeBytes / (element.Length + 1) / 2;
        string elements = Joined(rows * 2, _ => element);
        return $$"""{"inputs":[{"name":"x","shape":[{{rows}},2],"datatype":"{{datatype}}","data":[{{elements}}]}]}""";
    }

    /// <summary>Sends a body of single spaces until the sender gives up.</summary>
    private static async Task EndlessAsync(Server app, string path, ConcurrentDictionary<string, int> answers)
    {
        using var patience = new CancellationTokenSource(EndlessFor);
        try
        {
            using var content = new StreamContent(new EndlessStream());
            using HttpResponseMessage response = await app.Http.PostAsync(path, content, patience.Token);
            Soak.Count(answers, $"{(int)response.StatusCode}");
        }
        catch (OperationCanceledException)
        {
            Soak.Count(answers, "given up");
        }
    }

    private sealed class EndlessStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            buffer.Span[0] = (byte)' ';
            return 1;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
