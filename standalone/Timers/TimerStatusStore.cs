using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;

namespace Modeldrop.Standalone.Timers;

/// <summary>The status of monitored timers: blob <c>timers/&lt;function&gt;.json</c>, written only by the leader.</summary>
internal sealed class TimerStatusStore(HostStorage storage)
{
    public async Task<ScheduleStatus?> FindAsync(string function, CancellationToken cancellationToken)
    {
        try
        {
            var content = await Blob(function).DownloadContentAsync(cancellationToken);
            return content.Value.Content.ToObjectFromJson<ScheduleStatus>();
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
        catch (JsonException)
        {
            // A person edited it. A timer without a status starts anew.
            return null;
        }
    }

    public Task SetAsync(string function, ScheduleStatus status, CancellationToken cancellationToken) =>
        Blob(function).UploadAsync(BinaryData.FromObjectAsJson(status), overwrite: true, cancellationToken);

    private BlobClient Blob(string function) => storage.HostContainer.GetBlobClient($"timers/{function}.json");
}
