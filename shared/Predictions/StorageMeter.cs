namespace Modeldrop.Predictions;

/// <summary>Counts the storage transactions of one piece of work, so that its report can tell the cost. Thread-safe.</summary>
public sealed class StorageMeter
{
    private long _transactions;

    /// <summary>Requests that the account was asked, retries of the SDK not counted.</summary>
    public long Transactions => Interlocked.Read(ref _transactions);

    public void Count() => Interlocked.Increment(ref _transactions);

    /// <summary>What another piece of work has counted that this one asked for.</summary>
    public void Add(long transactions) => Interlocked.Add(ref _transactions, transactions);
}
