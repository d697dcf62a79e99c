using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Modeldrop.Lifecycle;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Functions.Lifecycle;

/// <summary>Starts the registration of an <c>.onnx</c> file that has arrived in the drop container.</summary>
public sealed class DropArrived(OperationStarter operations)
{
    // Flex Consumption has blob triggers by Event Grid only; the subscription in infra/ lets nothing but .onnx through.
    [Function(nameof(DropArrived))]
    public async Task RunAsync(
        [BlobTrigger(BlobContainers.Drop + "/{name}", Source = BlobTriggerSource.EventGrid)] BlobClient blob,
        string name,
        [DurableClient] DurableTaskClient client,
        FunctionContext context)
    {
        if (DropPath.Find(name) is null)
        {
            return;
        }

        BlobProperties properties;
        try
        {
            properties = await blob.GetPropertiesAsync(cancellationToken: context.CancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            // Taken away again before it was announced: there is nothing to register.
            return;
        }

        await operations.StartRegisterAsync(client, new RegisterInput(name, properties.ETag.ToString(), Actor.System.Name), context.CancellationToken);
    }
}
