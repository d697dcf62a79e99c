using System.Diagnostics;
using System.Text.Json;
using Azure.Storage.Blobs;
using Modeldrop.Standalone.Emulator;

namespace Modeldrop.LifecycleBench;

/// <summary>Drops models as a user does, and waits until they answer.</summary>
internal sealed class Drops(Server app, StorageEmulator account)
{
    private const string Model = "model.onnx";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly BlobContainerClient _container = new(account.ConnectionString, "drop");

    /// <summary>Posts the files as one form.</summary>
    /// <returns>The operation's route.</returns>
    public async Task<string> ByFormAsync(string name, Dictionary<string, byte[]> files)
    {
        using MultipartFormDataContent form = Models.Form(files);
        using HttpResponseMessage response = await app.Http.PostAsync($"api/models/{name}/versions", form);
        response.EnsureSuccessStatusCode();
        return response.Headers.Location!.ToString();
    }

    /// <summary>Puts everything but the model into the drop container.</summary>
    public async Task PutCompanionsAsync(string folder, Dictionary<string, byte[]> files)
    {
        foreach ((string name, byte[] content) in files.Where(file => file.Key != Model))
        {
            await Blob(folder, name).UploadAsync(new BinaryData(content));
        }
    }

    /// <summary>Puts the model, which completes the drop.</summary>
    public Task PutModelAsync(string folder, Dictionary<string, byte[]> files) =>
        Blob(folder, Model).UploadAsync(new BinaryData(files[Model]));

    /// <summary>Requests scores until the wanted version answers.</summary>
    public static async Task ServesAsync(Target target, string version)
    {
        long start = Stopwatch.GetTimestamp();
        while (await FindVersionAsync(target) != version)
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new InvalidOperationException($"Version {version} of {target.Name} never answered.");
            }

            await Task.Delay(PollInterval);
        }
    }

    /// <summary>The version that answers; null: none.</summary>
    public static async Task<string?> FindVersionAsync(Target target)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(await target.ScoreAsync());
            return answer.RootElement.GetProperty("model_version").GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private BlobClient Blob(string folder, string name) => _container.GetBlobClient($"{folder}/{name}");
}
