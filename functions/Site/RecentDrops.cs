using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Functions.Lifecycle.Registration;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;
using Modeldrop.Site.Models;

namespace Modeldrop.Functions.Site;

/// <summary>Lists the newest registrations, including running ones, as drops.</summary>
internal static class RecentDrops
{
    private const int MaxShown = 10;
    private const int MaxPages = 3;
    private const int PageSize = 100;
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(3);

    /// <summary>Newest first.</summary>
    /// <param name="sees">Returns whether the reader may see a model.</param>
    /// <remarks>Reads at most three pages of operations, so some drops may be left out if three days have more.</remarks>
    public static async Task<IReadOnlyList<RecentDrop>> ListAsync(
        DurableTaskClient client, DateTimeOffset now, Func<ModelName, bool> sees, CancellationToken cancellationToken)
    {
        var query = new OrchestrationQuery(CreatedFrom: now - MaxAge, PageSize: PageSize, FetchInputsAndOutputs: true);
        List<RecentDrop> found = [];
        int pages = 0;
        await foreach (Page<OrchestrationMetadata> page in
            client.GetAllInstancesAsync(query).AsPages(null, PageSize).WithCancellation(cancellationToken))
        {
            found.AddRange(
                from one in page.Values
                where one.Name == nameof(RegisterOrchestration)
                let id = OperationId.Find(one.InstanceId)
                where id is not null && sees(id.Value.Model)
                select Of(id.Value, one));
            if (++pages == MaxPages)
            {
                break;
            }
        }

        return [.. found.OrderByDescending(drop => drop.At).Take(MaxShown)];
    }

    /// <param name="registration">The operation, fetched with inputs and outputs.</param>
    internal static RecentDrop Of(OperationId id, OrchestrationMetadata registration)
    {
        Operation operation = OperationReader.Read(id, registration);
        string path = registration.SerializedInput is null ? "" : registration.ReadInputAs<RegisterInput>()?.Path ?? "";
        (DropState state, string words) = StateOf(operation);
        IReadOnlyList<string> reasons = state switch
        {
            DropState.Running => operation.Steps is [.., { Detail: { } detail }] ? [detail] : [],
            DropState.Failed => operation.Failure is { } failure ? [failure] : operation.Reasons,
            _ => operation.Reasons,
        };
        return new RecentDrop(id, path, operation.CreatedAt, state, words, reasons);
    }

    private static (DropState State, string Words) StateOf(Operation operation) => (operation.Status, operation.Outcome) switch
    {
        ("completed", OperationOutcome.Rejected) => (DropState.Refused, "refused"),
        ("completed", OperationOutcome.Superseded) => (DropState.Skipped, "replaced by a newer drop"),
        ("completed", OperationOutcome.Unchanged) => (DropState.Skipped, $"same as {VersionOf(operation)}"),
        ("completed", OperationOutcome.RolledBack) => (DropState.Registered, $"{VersionOf(operation)}, rolled back"),
        ("completed", OperationOutcome.Cancelled) => (DropState.Registered, $"{VersionOf(operation)}, rollout cancelled"),
        ("completed", OperationOutcome.Declined) => (DropState.Registered, $"{VersionOf(operation)}, not approved"),
        ("completed", _) => (DropState.Registered, VersionOf(operation)),
        ("failed", _) => (DropState.Failed, "failed"),
        ("terminated", _) => (DropState.Failed, "ended"),
        _ => (DropState.Running, operation.Steps is [.., { Name: var step }] ? step : "starting"),
    };

    private static string VersionOf(Operation operation) => operation.Version is { } version ? $"version {version}" : "a version";
}
