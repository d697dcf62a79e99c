using Azure.Core;
using Azure.Core.Pipeline;

namespace Modeldrop.Storage;

/// <summary>Counts the storage transactions of one piece of work, so that its report can tell the cost. Thread-safe.</summary>
/// <remarks>
/// It counts what is asked between <see cref="Start"/> and <see cref="Dispose"/> by the method that started it and by all that this method
/// calls or begins. A meter that is started meanwhile counts for both.
/// </remarks>
public sealed class StorageMeter : IDisposable
{
    private static readonly AsyncLocal<StorageMeter?> Current = new();

    private readonly StorageMeter? _outer = Current.Value;
    private long _transactions;

    private StorageMeter() => Current.Value = this;

    /// <summary>Requests that the account was asked, retries of the SDK not counted.</summary>
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
