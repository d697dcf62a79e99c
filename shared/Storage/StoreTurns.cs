namespace Modeldrop.Storage;

/// <summary>Lets the writers of one row take turns within this process, in the order of their arrival.</summary>
/// <remarks>
/// Without turns a slow writer loses to fast ones each time, because its read is stale when it writes. The row's ETags keep it correct;
/// <see cref="StoreBackOff"/> handles the few writers of other processes. Thread-safe; a turn must not request the same key again.
/// </remarks>
internal sealed class StoreTurns
{
    private readonly Dictionary<string, Task> _last = new(StringComparer.Ordinal);

    /// <summary>Runs <paramref name="write"/> after all earlier callers for <paramref name="key"/> have finished.</summary>
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

    /// <summary>A caller that gave up while waiting keeps its place, so that nobody overtakes earlier callers.</summary>
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
