using Azure.Core;
using Azure.Core.Pipeline;

namespace Modeldrop.Storage;

/// <summary>Limits how long a call to the store may take, with all its attempts, while a caller waits for an answer.</summary>
/// <remarks>
/// The SDK allows each of four attempts 100 s. Timers, operations and the prediction log can wait that long; an HTTP caller, or a caller
/// waiting for a model to load, cannot. A large file is stored in blocks, each a call of its own.
/// </remarks>
public static class StorePatience
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private static readonly AsyncLocal<TimeSpan?> Bound = new();

    /// <summary>Sets the limit for the rest of this request: a call that takes longer fails as if the store were unavailable.</summary>
    /// <param name="longest">Null: 10 s.</param>
    public static void Limit(TimeSpan? longest = null) => Bound.Value = longest ?? Longest;

    /// <summary>Sees every attempt.</summary>
    internal sealed class Policy : HttpPipelinePolicy
    {
        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            LimitAttempt(message);
            ProcessNext(message, pipeline);
        }

        public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            LimitAttempt(message);
            return ProcessNextAsync(message, pipeline);
        }

        private static void LimitAttempt(HttpMessage message)
        {
            if (Bound.Value is not { } longest)
            {
                return;
            }

            // Real time, not the injected clock.
            if (!message.TryGetProperty(typeof(Policy), out object? started))
            {
                message.SetProperty(typeof(Policy), started = TimeProvider.System.GetTimestamp());
            }

            TimeSpan left = longest - TimeProvider.System.GetElapsedTime((long)started!);
            // The SDK retries after its own timeouts, but not after this exception.
            message.NetworkTimeout = left > TimeSpan.Zero ? left
                : throw new TimeoutException($"The store has not answered for {longest.TotalSeconds:0.#} s.");
        }
    }
}
