using Azure.Core;
using Azure.Core.Pipeline;

namespace Modeldrop.Tests.LocalHost.Durable;

internal enum Fault
{
    /// <summary>The request goes out as it should.</summary>
    None,

    /// <summary>The request never leaves the process.</summary>
    Before,

    /// <summary>The request has its effect, but the process does not learn of it.</summary>
    After,
}

internal sealed class InjectedFaultException(string message) : Exception(message);

/// <summary>Decides about each write request, by its number from 1. A policy that kills lets nothing through after its first fault.</summary>
internal sealed class FaultPolicy(Func<int, Fault> decide, bool kills) : HttpPipelinePolicy
{
    private readonly TaskCompletionSource _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writes;

    public int Writes => _writes;

    public Task Death => _dead.Task;

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("The engine is asynchronous.");

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        ThrowIfDead();
        Fault fault = message.Request.Method == RequestMethod.Get || message.Request.Method == RequestMethod.Head
            ? Fault.None
            : decide(Interlocked.Increment(ref _writes));
        if (fault == Fault.Before)
        {
            Throw(message);
        }

        if (fault == Fault.After && kills)
        {
            // Of the whole process, this request is the last that gets out; its answer does not arrive.
            _dead.TrySetResult();
        }

        await ProcessNextAsync(message, pipeline);
        if (fault == Fault.After)
        {
            Throw(message);
        }

        ThrowIfDead();
    }

    private void Throw(HttpMessage message)
    {
        if (kills)
        {
            _dead.TrySetResult();
        }

        throw new InjectedFaultException($"Write {_writes} ({message.Request.Method} {message.Request.Uri.Path}) has failed as ordered.");
    }

    private void ThrowIfDead()
    {
        if (kills && _dead.Task.IsCompleted)
        {
            throw new InjectedFaultException("The process is dead.");
        }
    }
}
