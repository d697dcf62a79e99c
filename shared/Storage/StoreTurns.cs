namespace Modeldrop.Storage;

/// <summary>Lets the writers of one row take turns within this process, in the order in which they came.</summary>
/// <remarks>
/// Without turns a slow writer loses to fast ones each time, as its read is stale when it writes. What keeps the row right are its ETags;
/// the few writers of other processes are met by <see cref="StoreBackOff"/>. Thread-safe; a turn must not ask for the same key again.
/// </remarks>
internal sealed class StoreTurns
{
    private readonly Dictionary<string, Task> _last = new(StringComparer.Ordinal);

    /// <summary>Runs <paramref name="write"/> when all who asked for <paramref name="key"/> before have ended.</summary>
    public async Task<T> RunAsync<T>(string key, Func<Task<T>> write, CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_last)
        {
            before = _last.GetValueOrDefault(key, Task.CompletedTask);
            _last[key] = turn.Task;
        }

        try
        {
            await before.WaitAsync(cancellationToken);
            return await write();
        }
        finally
        {
            _ = EndAsync(key, before, turn);
        }
    }

    /// <summary>One that gave up while it waited keeps its place, so that nobody overtakes those before it.</summary>
    private async Task EndAsync(string key, Task before, TaskCompletionSource turn)
    {
        await before;
        lock (_last)
        {
            if (_last[key] == turn.Task)
            {
                _last.Remove(key);
            }
        }

        turn.SetResult();
    }
}
