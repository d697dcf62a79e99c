using Azure.Core;
using Azure.Core.Pipeline;

namespace Modeldrop.Tests.LocalHost.Durable;

/// <summary>Counts storage transactions.</summary>
internal sealed class CountingPolicy : HttpPipelinePolicy
{
    private int _count;
    private int _running;

    public int Count => _count;

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("The engine is asynchronous.");

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Increment(ref _running);
        try
        {
            await ProcessNextAsync(message, pipeline);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Completes when no request has been under way for a moment.</summary>
    public async Task QuietAsync()
    {
        int count;
        do
        {
            count = _count;
            await Task.Delay(2);
        }
        while (_running > 0 || count != _count);
    }
}
