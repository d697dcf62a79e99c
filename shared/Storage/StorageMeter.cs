using Azure.Core;
using Azure.Core.Pipeline;

namespace Modeldrop.Storage;

/// <summary>Counts the storage transactions of one piece of work, so that its report can state the cost. Thread-safe.</summary>
/// <remarks>
/// It counts the requests between <see cref="Start"/> and <see cref="Dispose"/> of the method that started it, and of all that this method
/// calls or starts. Within a nested meter, requests count for both.
/// </remarks>
public sealed class StorageMeter : IDisposable
{
    private static readonly AsyncLocal<StorageMeter?> Current = new();

    private readonly StorageMeter? _outer = Current.Value;
    private long _transactions;

    private StorageMeter() => Current.Value = this;

    /// <summary>Number of requests to the account, without retries of the SDK.</summary>
    public long Transactions => Interlocked.Read(ref _transactions);

    public static StorageMeter Start() => new();

    public void Dispose() => Current.Value = _outer;

    /// <summary>Sees every request of the clients once, however often it is retried.</summary>
    internal sealed class Policy : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message)
        {
            for (StorageMeter? meter = Current.Value; meter is not null; meter = meter._outer)
            {
                Interlocked.Increment(ref meter._transactions);
            }
        }
    }
}
