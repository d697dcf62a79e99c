using Modeldrop.Drops;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle.Registration;

/// <summary>Decides what the arrival of a companion starts.</summary>
public sealed class LateArrival(DropStaging staging)
{
    /// <summary>Returns the models of a folder that were taken before the companion arrived.</summary>
    /// <param name="name">The companion's blob in the drop container.</param>
    /// <returns>
    /// Empty if the companion no longer exists, if no model was taken yet, if the running registration will see the file itself, or if a
    /// person has ended that registration.
    /// </returns>
    public async Task<IReadOnlyList<RegisterInput>> FindAsync(
        DurableTaskClient client, string name, CancellationToken cancellationToken)
    {
        List<RegisterInput> late = [];
        (string? etag, IReadOnlyList<(DropPath Path, string ETag)> models) = await staging.FindBesideAsync(name, cancellationToken);
        if (etag is null)
        {
            return [];
        }

        foreach ((DropPath path, string modelETag) in models)
        {
            OperationId operation = OperationId.ForDrop(path.Model, path.BlobName, modelETag);
            OrchestrationMetadata? taken = await client.GetInstanceAsync(
                operation.ToString(), getInputsAndOutputs: true, cancellationToken);
            if (taken is null or { RuntimeStatus: OrchestrationRuntimeStatus.Terminated }
                || (!taken.IsCompleted && RegistrationSteps.WillLook(StepOf(taken))))
            {
                continue;
            }

            var file = new LateFile(name[path.Folder.Length..], etag);
            if (!await HasTakenAsync(operation, taken, file, cancellationToken))
            {
                late.Add(new RegisterInput(path.BlobName, modelETag, Actor.System.Name, Late: file));
            }
        }

        return late;
    }

    /// <summary>Whether the registration has taken this very file, so that its arrival was announced late or again.</summary>
    private async Task<bool> HasTakenAsync(
        OperationId operation, OrchestrationMetadata registration, LateFile file, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string>? taken = registration.RuntimeStatus == OrchestrationRuntimeStatus.Completed
            ? registration.ReadOutputAs<OperationResult>()?.Taken
            : (await staging.ReadAsync(operation, cancellationToken))?.Taken;
        return taken?.GetValueOrDefault(file.Name) == file.ETag;
    }

    private static string? StepOf(OrchestrationMetadata metadata) =>
        OperationReader.ProgressOf(metadata)?.Steps is [.., { Name: var name }] ? name : null;
}
