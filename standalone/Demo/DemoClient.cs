using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Modeldrop.Names;

namespace Modeldrop.Standalone.Demo;

/// <summary>Uses Modeldrop from outside, like any client: blobs in the drop container, and HTTP.</summary>
internal sealed class DemoClient(Uri address, string connectionString, string dropContainer, string? key) : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    // A guard against a hang, not a time limit: while anything changes, a slow machine has all the time that it needs.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http = Http(address, key);
    private readonly BlobContainerClient _drop = new(connectionString, dropContainer);

    public Uri Address => address;

    /// <summary>Uploads a folder's files, the model last: its arrival starts the registration.</summary>
    /// <returns>The operation's id. It is derived from the blob, so another drop is not mistaken for this one.</returns>
    public async Task<string> DropAsync(string folder, IEnumerable<string> files, CancellationToken cancellationToken)
    {
        string operation = "";
        foreach (string file in files.OrderBy(file => file.EndsWith(".onnx", StringComparison.Ordinal)))
        {
            string path = $"{folder}/{Path.GetFileName(file)}";
            BlobContentInfo blob = await _drop.GetBlobClient(path).UploadAsync(file, overwrite: true, cancellationToken);
            operation = OperationId.ForDrop(ModelName.Parse(folder.Split('/')[0]), path, blob.ETag.ToString()).ToString();
        }

        return operation;
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        _http.GetFromJsonAsync<JsonElement>(path, cancellationToken);

    /// <summary>Returns null if the address does not exist.</summary>
    public async Task<JsonElement?> FindAsync(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _http.GetAsync(path, cancellationToken);
        return response.StatusCode == HttpStatusCode.NotFound ? null
            : await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    /// <summary>Sends the request, and repeats it while the app answers 503 because it is overloaded.</summary>
    public async Task<JsonElement> PostAsync(string path, HttpContent? content, CancellationToken cancellationToken)
    {
        for (long started = TimeProvider.System.GetTimestamp(); ;)
        {
            using HttpResponseMessage response = await _http.PostAsync(path, content, cancellationToken);
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                JsonElement body = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
                return response.IsSuccessStatusCode ? body
                    : throw new InvalidOperationException($"{path} answered {(int)response.StatusCode}: {body}");
            }

            await Task.Delay(response.Headers.RetryAfter?.Delta ?? PollInterval, cancellationToken);
        }
    }

    /// <summary>
    /// Repeats the request until <paramref name="found"/> accepts the answer. Gives up when neither the answer nor any operation changes.
    /// </summary>
    public async Task<JsonElement> WaitAsync(string path, Func<JsonElement, bool> found, CancellationToken cancellationToken)
    {
        string? seen = null;
        string last = "";
        for (long changed = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(changed) < Patience;)
        {
            (HttpStatusCode? status, string body) = await AskAsync(path, cancellationToken);
            if (status == HttpStatusCode.OK && JsonElement.Parse(body is "" ? "null" : body) is var answer && found(answer))
            {
                return answer;
            }

            last = $"{status?.ToString("D") ?? "none"} {body}";
            string state = $"{last} {(await AskAsync("api/operations", cancellationToken)).Body}";
            if (state != seen)
            {
                seen = state;
                changed = TimeProvider.System.GetTimestamp();
            }

            await Task.Delay(PollInterval, cancellationToken);
        }

        throw new TimeoutException($"nothing has changed for {Patience.TotalMinutes:0} minutes at {path}; its last answer: {last}.");
    }

    /// <summary>The status is null if there was no answer.</summary>
    private async Task<(HttpStatusCode? Status, string Body)> AskAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(path, cancellationToken);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception exception) when (
            exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return (null, "");
        }
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
