using Azure.Core;
using Azure.Core.Pipeline;

namespace Modeldrop.Storage;

/// <summary>How long a call to the store may take, all its attempts together, where somebody waits for an answer.</summary>
/// <remarks>
/// The SDK lets each of four attempts take 100 s. Timers, operations and the prediction log have that patience; a caller by HTTP, or
/// for a model that is to be loaded, has not. A large file is stored in blocks, each a call of its own.
/// </remarks>
public static class StorePatience
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private static readonly AsyncLocal<TimeSpan?> Bound = new();

    /// <summary>From here on, in this request: a call that takes longer fails as if the store did not answer.</summary>
    /// <param name="longest">Null: 10 s.</param>
    public static void Limit(TimeSpan? longest = null) => Bound.Value = longest ?? Longest;

    /// <summary>Seen by every attempt.</summary>
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

            // Real time, whatever the clock of the rules says.
            if (!message.TryGetProperty(typeof(Policy), out object? started))
            {
                message.SetProperty(typeof(Policy), started = TimeProvider.System.GetTimestamp());
            }

            TimeSpan left = longest - TimeProvider.System.GetElapsedTime((long)started!);
            // The SDK tries again after timeouts of its own, but not after this exception.
            message.NetworkTimeout = left > TimeSpan.Zero ? left
                : throw new TimeoutException($"The store has not answered for {longest.TotalSeconds:0.#} s.");
        }
    }
}
