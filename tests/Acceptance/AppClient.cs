using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs;

namespace Modeldrop.Tests.Acceptance;

/// <summary>Acts as a user: puts blobs, calls routes, waits for results.</summary>
internal sealed class AppClient(string connectionString, Func<HttpClient> http, string dropContainer = "drop")
{
    private static readonly TimeSpan HangGuard = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    public BlobContainerClient Drop { get; } = new(connectionString, dropContainer);

    public BlobServiceClient Blobs { get; } = new(connectionString);

    public Task PutAsync(string path, byte[] content) => Drop.GetBlobClient(path).UploadAsync(new BinaryData(content), overwrite: true);

    /// <summary>Drops a sample: companions first, the model last.</summary>
    public async Task DropSampleAsync(string destination, string model, string label, byte[]? manifest = null)
    {
        await PutAsync($"{destination}/reference.csv", await File.ReadAllBytesAsync(RepositoryFiles.Sample(model, "reference.csv")));
        await PutAsync($"{destination}/validation.csv", await File.ReadAllBytesAsync(RepositoryFiles.Sample(model, "validation.csv")));
        foreach (string file in Directory.GetFiles(RepositoryFiles.Sample(model, label)).Where(
                file => !file.EndsWith(".onnx", StringComparison.Ordinal)))
        {
            await PutAsync($"{destination}/{Path.GetFileName(file)}", await File.ReadAllBytesAsync(file));
        }

        if (manifest is not null)
        {
            await PutAsync($"{destination}/model.json", manifest);
        }

        await PutAsync($"{destination}/model.onnx", await File.ReadAllBytesAsync(RepositoryFiles.Sample(model, label, "model.onnx")));
    }

    /// <summary>Polls until the answer satisfies the condition; fails with the last answer if it never does.</summary>
    public async Task<JsonElement> WaitAsync(string path, Func<JsonElement, bool> satisfied)
    {
        using var guard = new CancellationTokenSource(HangGuard);
        string last = "no answer";
        while (true)
        {
            try
            {
                using HttpResponseMessage response = await http().GetAsync(path, guard.Token);
                last = await response.Content.ReadAsStringAsync(guard.Token);
                if (response.IsSuccessStatusCode && JsonDocument.Parse(last).RootElement is var answer && satisfied(answer))
                {
                    return answer;
                }
            }
            catch (HttpRequestException exception)
            {
                last = exception.Message;
            }
            catch (OperationCanceledException) when (guard.IsCancellationRequested)
            {
                Assert.Fail($"{path} never answered what was expected; last: {last}");
            }

            await Task.Delay(PollInterval, CancellationToken.None);
        }
    }

    public async Task<string> WaitForDropBlobAsync(string path)
    {
        BlobClient blob = Drop.GetBlobClient(path);
        await Poll.UntilAsync(async () => await blob.ExistsAsync(), path);
        return (await blob.DownloadContentAsync()).Value.Content.ToString();
    }

    public Task<JsonElement> WaitForChampionAsync(string model, int version) =>
        WaitAsync($"api/models/{model}", head =>
            head.GetProperty("aliases").TryGetProperty("champion", out JsonElement champion)
                && champion.GetProperty("version").GetInt32() == version);

    /// <summary>
    /// Scores until the wanted version answers. Each host follows the registry by itself, shortly after the alias has moved.
    /// </summary>
    public async Task<JsonElement> ScoreByAsync(string model, string version, string request)
    {
        using var guard = new CancellationTokenSource(HangGuard);
        while (true)
        {
            (int status, JsonElement answer) = await SendAsync(HttpMethod.Post, $"v2/models/{model}/infer", request);
            if (status == 200 && answer.GetProperty("model_version").GetString() == version)
            {
                return answer;
            }

            Assert.False(guard.IsCancellationRequested, $"version {version} never answered; last: {status} {answer}");
            await Task.Delay(PollInterval, CancellationToken.None);
        }
    }

    /// <summary>Posts until the status is the expected one, because routing follows the registry with a short delay.</summary>
    public async Task WaitForStatusAsync(string path, string request, int expected)
    {
        using var guard = new CancellationTokenSource(HangGuard);
        while (true)
        {
            (int status, JsonElement answer) = await SendAsync(HttpMethod.Post, path, request);
            if (status == expected)
            {
                return;
            }

            Assert.False(guard.IsCancellationRequested, $"{path} never answered {expected}; last: {status} {answer}");
            await Task.Delay(PollInterval, CancellationToken.None);
        }
    }

    public Task<string> ReadPageAsync(string query) => http().GetStringAsync(query);

    public Task<(int Status, JsonElement Body)> UploadAsync(string path, byte[] body) =>
        SendAsync(HttpMethod.Post, path, new ByteArrayContent(body));

    public Task<(int Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? body = null) =>
        SendAsync(method, path, body is null ? (HttpContent?)null : new StringContent(body, Encoding.UTF8, "application/json"));

    public async Task<(int Status, JsonElement Body)> SendAsync(
        HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach ((string name, string value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using HttpResponseMessage response = await http().SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }
}
