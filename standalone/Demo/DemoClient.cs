using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Storage.Blobs;

namespace Modeldrop.Standalone.Demo;

/// <summary>Uses Modeldrop as anybody can from outside: blobs into the drop container, and HTTP.</summary>
internal sealed class DemoClient(Uri address, string connectionString, string dropContainer, string? key) : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    // A guard against a hang, not a measure: as long as anything changes, a slow machine has all the time that it needs.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

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

    /// <summary>
    /// Asks again until <paramref name="found"/> is satisfied with the answer, and gives up when neither the answer nor an operation
    /// changes.
    /// </summary>
    public async Task<JsonElement> WaitAsync(string path, Func<JsonElement, bool> found, CancellationToken cancellationToken)
    {
        string? seen = null;
        HttpStatusCode last = default;
        for (long changed = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(changed) < Patience;)
        {
            using HttpResponseMessage response = await _http.GetAsync(path, cancellationToken);
            string body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode && JsonSerializer.Deserialize<JsonElement>(body) is var answer && found(answer))
            {
                return answer;
            }

            last = response.StatusCode;
            string state = $"{last} {body} {await _http.GetStringAsync("api/operations", cancellationToken)}";
            if (state != seen)
            {
                seen = state;
                changed = TimeProvider.System.GetTimestamp();
            }

            await Task.Delay(PollInterval, cancellationToken);
        }

        throw new TimeoutException($"{path} did not answer as expected (last status: {(int)last}), "
                        + $"and nothing has changed for {Patience.TotalMinutes:0} minutes.");
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
