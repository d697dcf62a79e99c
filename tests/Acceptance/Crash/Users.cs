using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Models;
using Modeldrop.Drops;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>The actions of users whose host may die at any time.</summary>
internal static class Users
{
    private static readonly string[] Ended = ["completed", "failed", "terminated"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>The files of a sample, as in one folder.</summary>
    /// <param name="label">The version's label: <c>1</c>.</param>
    /// <param name="more">Additional files, or replacements for the sample's.</param>
    public static Dictionary<string, byte[]> Package(string model, string label, params (string Name, byte[] Content)[] more)
    {
        string[] paths =
        [
            RepositoryFiles.Sample(model, "reference.csv"),
            RepositoryFiles.Sample(model, "validation.csv"),
            .. Directory.GetFiles(RepositoryFiles.Sample(model, label)),
        ];
        var files = paths.ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
        foreach ((string name, byte[] content) in more)
        {
            files[name] = content;
        }

        return files;
    }

    /// <summary>Puts the files into the drop container, the model last.</summary>
    /// <returns>The operation that registers them.</returns>
    public static async Task<string> DropAsync(AppClient client, string folder, Dictionary<string, byte[]> files)
    {
        string path = $"{folder}/{ModelVersion.ModelFile}";
        foreach ((string name, byte[] content) in files.Where(file => file.Key != ModelVersion.ModelFile))
        {
            await client.PutAsync($"{folder}/{name}", content);
        }

        Response<BlobContentInfo> model = await client.Drop.GetBlobClient(path).UploadAsync(
            new BinaryData(files[ModelVersion.ModelFile]), overwrite: true);
        return OperationId.ForDrop(DropPath.Find(path)!.Model, path, model.Value.ETag.ToString()).ToString();
    }

    /// <summary>
    /// Requests an operation. If the host dies before it answers, checks whether the operation exists before requesting it again.
    /// </summary>
    public static async Task<string> AskAsync(AppClient client, string model, string route, object body)
    {
        HashSet<string> before = [.. await OperationsAsync(client, model)];
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                (int status, JsonElement answer) = await client.SendAsync(HttpMethod.Post, route, JsonSerializer.Serialize(body));
                Assert.True(status == 202, $"{route}: {status} {answer}");
                return Uri.UnescapeDataString(answer.GetProperty("location").GetString()!.Split('/')[^1]);
            }
            catch (Exception exception) when (exception is HttpRequestException or JsonException)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"{route} is never answered: {exception.Message}");
            }

            await Task.Delay(Pause);
            string[] begun = [.. (await OperationsAsync(client, model)).Where(operation => !before.Contains(operation))];
            if (begun.Length > 0)
            {
                return Assert.Single(begun);
            }
        }
    }

    /// <summary>Uploads a model by HTTP until a host answers.</summary>
    public static async Task UploadAsync(AppClient client, string model, byte[] onnx)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                (int status, JsonElement answer) = await client.UploadAsync($"api/models/{model}/versions", onnx);
                Assert.True(status == 202, $"{status} {answer}");
                return;
            }
            catch (Exception exception) when (exception is HttpRequestException or JsonException)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"The upload is never answered: {exception.Message}");
                await Task.Delay(Pause);
            }
        }
    }

    /// <summary>Ends an operation, if it has not ended yet.</summary>
    public static async Task CancelAsync(AppClient client, string operation)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                (int status, JsonElement answer) = await client.SendAsync(HttpMethod.Post, $"{PathOf(operation)}/cancel");
                Assert.True(status is 202 or 409, $"{status} {answer}");
                return;
            }
            catch (Exception exception) when (exception is HttpRequestException or JsonException)
            {
                Assert.True(
                    TimeProvider.System.GetElapsedTime(start) < Patience, $"The cancellation is never answered: {exception.Message}");
                await Task.Delay(Pause);
            }
        }
    }

    /// <summary>Waits until an operation has reached a step or has ended.</summary>
    public static Task WaitForStepAsync(AppClient client, string operation, string step) =>
        client.WaitAsync(PathOf(operation), answer => HasEnded(answer)
            || answer.GetProperty("steps").EnumerateArray().Any(taken => taken.GetProperty("name").GetString() == step));

    /// <summary>Waits until every dropped model file has its operation, and all operations of the model have ended.</summary>
    /// <param name="late">Number of late companions; each starts an operation too.</param>
    public static async Task WaitForAllAsync(AppClient client, string model, int late = 0)
    {
        List<string> drops = await client.Drop.GetBlobsAsync(new GetBlobsOptions { Prefix = $"{model}/" })
            .Select(blob => blob.Name).Where(FileNames.IsModel).ToListAsync();
        await client.WaitAsync($"api/operations?model={model}", answer =>
            answer.GetProperty("operations").EnumerateArray()
                .Count(operation => operation.GetProperty("kind").GetString() == "register") == drops.Count + late
            && answer.GetProperty("operations").EnumerateArray().All(HasEnded));
    }

    public static Task WaitForEndAsync(AppClient client, string operation) =>
        client.WaitAsync(PathOf(operation), HasEnded);

    /// <returns><c>done</c>, <c>unchanged</c>…; for an operation that has not completed, its status and error.</returns>
    public static async Task<string> OutcomeAsync(AppClient client, string operation)
    {
        JsonElement answer = await client.WaitAsync(PathOf(operation), _ => true);
        return answer.TryGetProperty("outcome", out JsonElement outcome) ? outcome.GetString()! : answer.ToString();
    }

    private static bool HasEnded(JsonElement operation) => Ended.Contains(operation.GetProperty("status").GetString());

    private static string PathOf(string operation) => $"api/operations/{Uri.EscapeDataString(operation)}";

    private static async Task<string[]> OperationsAsync(AppClient client, string model)
    {
        JsonElement answer = await client.WaitAsync($"api/operations?model={model}&pageSize=500", _ => true);
        return [.. answer.GetProperty("operations").EnumerateArray().Select(operation => operation.GetProperty("id").GetString()!)];
    }
}
