using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;
using Modeldrop.Drops;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Functions.Lifecycle.Registration;

/// <summary>
/// Starts the registration of an <c>.onnx</c> file or a bundle that has arrived in the drop container, or of companions that arrived after
/// it.
/// </summary>
public sealed partial class DropArrived(LateArrival late, DropPace pace, ILogger<DropArrived> logger)
{
    // The setting is the container's full name, prefix included. Flex Consumption supports blob triggers only by Event Grid; the
    // subscription in infra/ excludes the files that the app writes.
    [Function(nameof(DropArrived))]
    public async Task RunAsync(
        [BlobTrigger($"%{StorageOptions.DropContainerSetting}%/{{name}}", Source = BlobTriggerSource.EventGrid)] BlobClient blob,
        string name,
        [DurableClient] DurableTaskClient client,
        FunctionContext context)
    {
        CancellationToken cancellationToken = context.CancellationToken;
        IReadOnlyList<RegisterInput> arrived = DropPath.Find(name) is { } path ? await FindModelAsync(blob, path, cancellationToken)
            : FileNames.IsCompanionBlob(name) ? await late.FindAsync(client, name, cancellationToken)
            : [];
        foreach (RegisterInput input in arrived)
        {
            await pace.WaitAsync(cancellationToken);
            await new DurableOperations(client).StartAsync(input.Id, input, cancellationToken);
            Log.Noticed(logger, name, input.Id);
        }
    }

    private static async Task<IReadOnlyList<RegisterInput>> FindModelAsync(
        BlobClient blob, DropPath path, CancellationToken cancellationToken)
    {
        try
        {
            BlobProperties properties = await blob.GetPropertiesAsync(cancellationToken: cancellationToken);

            // A bundle contains all its files.
            return [new RegisterInput(path.BlobName, properties.ETag.ToString(), Actor.System.Name, IsUpload: path.IsBundle)];
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            // Deleted before it was announced: there is nothing to register.
            return [];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(200, LogLevel.Information, "Noticed the drop {Path}: operation {Operation}")]
        public static partial void Noticed(ILogger logger, string path, OperationId operation);
    }
}
