using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;

namespace Modeldrop.Tests.Lifecycle.Operations;

/// <summary>Operations that are only recorded.</summary>
internal sealed class RecordedOperations(params OperationId[] running) : IOperations
{
    /// <summary>In the order of their start, each id once.</summary>
    public List<(string Id, object Input)> Started { get; } = [];

    public List<(string Id, string Signal)> Signalled { get; } = [];

    public Task StartAsync(OperationId id, object input, CancellationToken cancellationToken)
    {
        if (Started.All(one => one.Id != id.ToString()))
        {
            Started.Add((id.ToString(), input));
        }

        return Task.CompletedTask;
    }

    public Task<bool> IsRunningAsync(OperationId id, CancellationToken cancellationToken) => Task.FromResult(running.Contains(id));

    public Task SignalAsync(OperationId id, string name, object payload, CancellationToken cancellationToken)
    {
        Signalled.Add((id.ToString(), name));
        return Task.CompletedTask;
    }
}
