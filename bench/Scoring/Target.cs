using System.Net.Http.Headers;

namespace Modeldrop.ScoringBench;

/// <summary>The target of a measurement: a server, a path on it, and the request's body.</summary>
internal sealed record Target(string Name, Server Server, string Path, byte[] Body)
{
    /// <summary>Bytes of JSON before binary tensors; null: the body is JSON only.</summary>
    public int? HeaderLength { get; init; }

    /// <param name="model">The registered name; the champion answers.</param>
    public static Target Of(string model, Server server, byte[] body) => new(model, server, $"v2/models/{model}/infer", body);

    public async Task<byte[]> ScoreAsync()
    {
        using var content = new ByteArrayContent(Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (HeaderLength is { } length)
        {
            content.Headers.Add("Inference-Header-Content-Length", length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        using HttpResponseMessage response = await Server.Http.PostAsync(Path, content);
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        return response.IsSuccessStatusCode
            ? answer
            : throw new InvalidOperationException(
                $"{Name} answered {(int)response.StatusCode}: {System.Text.Encoding.UTF8.GetString(answer)}");
    }
}
