using System.Collections.Concurrent;

namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>The short way between clients and engine of one process; without it, both would find everything by polling, only later.</summary>
internal sealed class InstanceSignals
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new();
    private volatile Action<string>? _wake;

    /// <summary>Tells the engine of this process that an instance has a message.</summary>
    /// <returns>Whether the engine leads; if not, it is another host's business.</returns>
    public bool Wake(string instanceId)
    {
        Action<string>? wake = _wake;
        wake?.Invoke(instanceId);
        return wake is not null;
    }

    /// <param name="wake">Null: this process does not lead.</param>
    public void Lead(Action<string>? wake) => _wake = wake;

    /// <summary>Completes when the instance changes after this call.</summary>
    public Task NextChange(string instanceId) =>
        _waiting.GetOrAdd(instanceId, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Changed(string instanceId)
    {
        if (_waiting.TryRemove(instanceId, out TaskCompletionSource? waiting))
        {
            waiting.SetResult();
        }
    }
}
