using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Storage.Blobs;

namespace Modeldrop.Standalone.Demo;

/// <summary>Uses Modeldrop as anybody can from outside: blobs into the drop container, and HTTP.</summary>
internal sealed class DemoClient(Uri address, string connectionString, string dropContainer, string? key) : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    // A guard against a hang, not a measure.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = Http(address, key);
    private readonly BlobContainerClient _drop = new(connectionString, dropContainer);

    public Uri Address => address;

    /// <summary>Uploads a folder's files, the model last: its arrival starts the registration.</summary>
    public async Task DropAsync(string destination, IEnumerable<string> files, CancellationToken cancellationToken)
    {
        foreach (string file in files.OrderBy(file => file.EndsWith(".onnx", StringComparison.Ordinal)))
        {
            BlobClient blob = _drop.GetBlobClient($"{destination}/{Path.GetFileName(file)}");
            await blob.UploadAsync(file, overwrite: true, cancellationToken);
        }
    }

    public async Task<string?> ReadDropAsync(string path, CancellationToken cancellationToken)
    {
        BlobClient blob = _drop.GetBlobClient(path);
        return await blob.ExistsAsync(cancellationToken) ? (await blob.DownloadContentAsync(cancellationToken)).Value.Content.ToString() : null;
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        _http.GetFromJsonAsync<JsonElement>(path, cancellationToken);

    /// <summary>Null for what is not there.</summary>
    public async Task<JsonElement?> FindAsync(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _http.GetAsync(path, cancellationToken);
        return response.StatusCode == HttpStatusCode.NotFound ? null
            : await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    public async Task<JsonElement> PostAsync(string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _http.PostAsync(path, content, cancellationToken);
        JsonElement body = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return response.IsSuccessStatusCode ? body : throw new InvalidOperationException($"{path} answered {(int)response.StatusCode}: {body}");
    }

    /// <summary>Asks again until <paramref name="found"/> is satisfied with the answer.</summary>
    public async Task<JsonElement> WaitAsync(string path, Func<JsonElement, bool> found, CancellationToken cancellationToken)
    {
        string last = "";
        for (long started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < Patience;)
        {
            using HttpResponseMessage response = await _http.GetAsync(path, cancellationToken);
            if (response.IsSuccessStatusCode && await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken) is var answer && found(answer))
            {
                return answer;
            }

            last = $"{(int)response.StatusCode}";

            await Task.Delay(PollInterval, cancellationToken);
        }

        throw new TimeoutException($"{path} did not answer as expected within {Patience.TotalSeconds:0} s (last status: {last}).");
    }

    public void Dispose() => _http.Dispose();

    private static HttpClient Http(Uri address, string? key)
    {
        var http = new HttpClient { BaseAddress = address };
        if (key is not null)
        {
            http.DefaultRequestHeaders.Add("x-functions-key", key);
        }

        return http;
    }
}
