namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>Kills the host at one of its writes.</summary>
internal sealed class CrashProxy : IAsyncDisposable
{
    private StorageProxy _proxy = null!;
    private long _lastWriteAt = TimeProvider.System.GetTimestamp();
    private int _pending;

    private CrashProxy()
    {
    }

    /// <summary>The connection string for the app.</summary>
    public string ConnectionString => _proxy.ConnectionString;

    /// <summary>Null: writes are not counted.</summary>
    public KillSwitch? Armed { get; set; }

    /// <summary>The time since the last write.</summary>
    public TimeSpan Silence =>
        Volatile.Read(ref _pending) > 0 ? TimeSpan.Zero : TimeProvider.System.GetElapsedTime(Volatile.Read(ref _lastWriteAt));

    /// <param name="connectionString">The account's connection string.</param>
    public static async Task<CrashProxy> StartAsync(string connectionString)
    {
        var proxy = new CrashProxy();
        proxy._proxy = await StorageProxy.StartAsync(connectionString, proxy.PassAsync);
        return proxy;
    }

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    private async Task PassAsync(StorageRequest request)
    {
        if (StorageWrite.Describe(request) is { } write)
        {
            await PassWriteAsync(request, write);
            return;
        }

        await StorageProxy.AnswerAsync(request, await _proxy.SendAsync(request));
    }

    private async Task PassWriteAsync(StorageRequest request, string write)
    {
        KillSwitch? armed = Armed;
        bool strikes = armed?.Count(write) == true;
        Interlocked.Increment(ref _pending);
        try
        {
            if (strikes && armed!.Moment == KillMoment.Before)
            {
                await armed.StrikeAsync();
                request.Context.Abort();
                return;
            }

            HttpResponseMessage answer = await _proxy.SendAsync(request);
            if (strikes)
            {
                await armed!.StrikeAsync();
                request.Context.Abort();
                return;
            }

            await StorageProxy.AnswerAsync(request, answer);
        }
        finally
        {
            Volatile.Write(ref _lastWriteAt, TimeProvider.System.GetTimestamp());
            Interlocked.Decrement(ref _pending);
        }
    }
}
