using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>A user's request, the host's work for it, and the checks that the work was done exactly once.</summary>
internal abstract class CrashScenario
{
    /// <summary>A description for the table.</summary>
    public abstract string Name { get; }

    /// <summary>The minimum number of writes, from which a sample draws.</summary>
    public abstract int Writes { get; }

    /// <summary>Prepares the scenario, without kills.</summary>
    public abstract Task PrepareAsync(CrashHost host, int run);

    /// <summary>
    /// Sends the request, again if no answer came, and waits until all operations have ended. The host may die at any write.
    /// </summary>
    public abstract Task ActAsync(CrashHost host);

    /// <returns>The violations, in words.</returns>
    public abstract Task<IReadOnlyList<string>> CheckAsync(CrashHost host);

    /// <summary>All invariants of a model.</summary>
    /// <param name="versions">The versions whose files are checked.</param>
    protected static async Task<List<string>> CheckModelAsync(
        CrashHost host, string model, IEnumerable<int> versions, string? cancelled = null)
    {
        (ModelHead head, IReadOnlyList<RegistryEvent> events) = await ReadAsync(host, model);
        return
        [
            .. EventInvariants.Check(head, events),
            .. await new StoreInvariants(host.Account, head).CheckAsync(versions, cancelled),
            .. await OperationInvariants.CheckAsync(host.ConnectionString, model, cancelled),
        ];
    }

    protected static async Task<(ModelHead Head, IReadOnlyList<RegistryEvent> Events)> ReadAsync(CrashHost host, string model)
    {
        var store = new RegistryStore(host.Account, TimeProvider.System);
        (ModelHead head, _) = await store.ReadAsync(ModelName.Parse(model), null, CancellationToken.None);
        return (
            head,
            await store.ReadEventsAsync(ModelName.Parse(model), null, null, CancellationToken.None).ToListAsync());
    }

    /// <summary>Compares the events of an operation, in words, with the expected ones.</summary>
    protected static IEnumerable<string> CheckEvents(IEnumerable<RegistryEvent> events, string operation, params string[] expected)
    {
        string[] actual = [.. events.Where(happened => happened.Actor.Operation?.ToString() == operation).Select(Describe)];
        return actual.SequenceEqual(expected)
            ? []
            : [$"{operation} wrote [{string.Join(", ", actual)}] and not [{string.Join(", ", expected)}]."];
    }

    protected static async Task<IReadOnlyList<string>> CheckRejectionAsync(CrashHost host, string folder, bool expected)
    {
        bool exists = await host.Account.Container(BlobContainers.Drop).GetBlobClient($"{folder}/{ServiceFiles.Rejected}").ExistsAsync();
        return exists == expected ? [] : [$"drop/{folder}/{ServiceFiles.Rejected} is {(exists ? "there" : "missing")}."];
    }

    protected static async Task<IReadOnlyList<string>> CheckOutcomeAsync(CrashHost host, string operation, string expected)
    {
        string actual = await Users.OutcomeAsync(host.Client, operation);
        return actual == expected ? [] : [$"{operation} ended as {actual} and not as {expected}."];
    }

    private static string Describe(RegistryEvent happened) => happened switch
    {
        VersionRegistered registered => $"{registered.Version} registered",
        VersionStatusChanged changed => $"{changed.Version} {changed.To}",
        AliasMoved moved => $"{moved.Alias} {moved.From} to {moved.To}{(moved.RolledBack ? " back" : "")}",
        VersionProven proven => $"{proven.Version} proven",
        VersionCompleted completed => $"{completed.Version} completed",
        VersionRevalidated revalidated => $"{revalidated.Version} {(revalidated.Reasons.Count == 0 ? "passed" : "failed")}",
        TrafficShifted shifted => $"{shifted.Percent} % to {shifted.Version}",
        _ => happened.GetType().Name,
    };
}
