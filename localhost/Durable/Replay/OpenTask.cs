namespace Modeldrop.LocalHost.Durable.Replay;

/// <summary>A durable task that orchestrator code may await.</summary>
internal abstract class OpenTask
{
    /// <summary>The name of the activity or orchestrator, for the exception; null for timers and events.</summary>
    public string? Name { get; init; }

    public abstract void Complete(string? result);

    public abstract void Fail(Exception exception);

    public abstract void Cancel(CancellationToken cancellationToken);
}

/// <inheritdoc/>
internal sealed class OpenTask<T>(DataConverter converter) : OpenTask
{
    // Continuations run inside Complete, on the replay's thread: no RunContinuationsAsynchronously.
    private readonly TaskCompletionSource<T> _source = new();

    public Task<T> Task => _source.Task;

    public override void Complete(string? result)
    {
        T value;
        try
        {
            value = converter.Deserialize<T>(result)!;
        }
        catch (Exception exception)
        {
            // The code awaits this type, so the code gets to know that the result is another.
            _source.TrySetException(exception);
            return;
        }

        _source.TrySetResult(value);
    }

    public override void Fail(Exception exception) => _source.TrySetException(exception);

    public override void Cancel(CancellationToken cancellationToken) => _source.TrySetCanceled(cancellationToken);
}
