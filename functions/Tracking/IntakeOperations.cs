using Modeldrop.Errors;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>Runs the registrations that MLflow's client requests, until each has a version.</summary>
public sealed class IntakeOperations(
    RegistryService registry, ModelIntake intake, TrackingStore store, TimeProvider clock)
{
    /// <summary>
    /// Below the 120 seconds that the client waits for an answer. It then repeats the request, which finds the same operation.
    /// </summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(80);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    /// <summary>The operation that registers the files.</summary>
    private sealed record Ticket(OperationId Operation);

    /// <summary>Registers the files. If the same files are registered or being registered, returns that version.</summary>
    /// <returns>The version's number; its validation may still run.</returns>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> with the reasons when the files cannot become a version;
    /// <see cref="ErrorCode.StoreUnavailable"/> when it takes too long or the service fails: repeat the call.
    /// </exception>
    public async Task<int> RegisterAsync(
        DurableTaskClient client, ModelName model, VersionSource source, IntakePlan plan, TrackingUser user,
        CancellationToken cancellationToken)
    {
        TrackingKey key = TrackingKey.Registration(model, plan.Content);
        OperationId? operation = (await store.FindAsync<Ticket>(key, cancellationToken))?.Operation;
        if (operation is not { } known || !await IsOfUseAsync(client, model, known, cancellationToken))
        {
            RegisterInput drop = await intake.StoreAsync(model, source, plan, user, cancellationToken);
            operation = drop.Id;
            await store.PutAsync([(key, new Ticket(drop.Id))], cancellationToken);
            await new DurableOperations(client).StartAsync(drop.Id, drop, cancellationToken);
        }

        return await WaitAsync(client, model, operation.Value, cancellationToken);
    }

    /// <summary>Whether the operation is running, or has ended with a version that still exists.</summary>
    private async Task<bool> IsOfUseAsync(
        DurableTaskClient client, ModelName model, OperationId operation, CancellationToken cancellationToken)
    {
        if (await FindAsync(client, operation, cancellationToken) is not { } found)
        {
            return false;
        }

        int? version = found.Version ?? await registry.FindRegisteredAsync(model, operation, cancellationToken);
        return !found.HasEnded
            || (version is { } number && (await registry.FindAsync(model, cancellationToken))?.FindVersion(number) is
                { Status: not VersionStatus.Deleted and not VersionStatus.Registered and not VersionStatus.Validating });
    }

    private async Task<int> WaitAsync(DurableTaskClient client, ModelName model, OperationId operation, CancellationToken cancellationToken)
    {
        DateTimeOffset until = clock.GetUtcNow() + LongestWait;
        while (clock.GetUtcNow() < until)
        {
            if (await registry.FindRegisteredAsync(model, operation, cancellationToken) is { } version)
            {
                return version;
            }

            if (await FindAsync(client, operation, cancellationToken) is { HasEnded: true } ended)
            {
                // The operation may have made the version between the two reads.
                return ended.Version ?? await registry.FindRegisteredAsync(model, operation, cancellationToken) ?? throw Refused(ended);
            }

            await Task.Delay(Interval, clock, cancellationToken);
        }

        throw new ServiceException(ErrorCode.StoreUnavailable,
            $"The registration is waiting for others in front of it. Repeat the call: it continues as operation {operation}.");
    }

    private static ServiceException Refused(Operation ended) => ended.Status == "completed"
        ? new ServiceException(ErrorCode.InvalidRequest,
            ended.Reasons.Count > 0 ? ended.Reasons : [$"The registration ended without a version: {ended.Outcome}."])
        : new ServiceException(ErrorCode.StoreUnavailable, $"The registration failed: {ended.Failure ?? ended.Status}. Try again.");

    private static async Task<Operation?> FindAsync(DurableTaskClient client, OperationId operation, CancellationToken cancellationToken) =>
        await client.GetInstanceAsync(operation.ToString(), getInputsAndOutputs: true, cancellationToken) is { } metadata
            ? OperationReader.Read(operation, metadata)
            : null;
}
