using System.Text.RegularExpressions;
using Modeldrop.Tests.Acceptance.Crash;

namespace Modeldrop.LifecycleBench;

/// <summary>A proxy between the app and its account that counts requests.</summary>
internal sealed partial class StorageCounter : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly string _hub;
    private StorageProxy _proxy = null!;
    private Tally _tally = new();

    private StorageCounter(string hub) => _hub = hub;

    /// <summary>The connection string for the app.</summary>
    public string ConnectionString => _proxy.ConnectionString;

    /// <param name="connectionString">The account's connection string.</param>
    /// <param name="hub">The prefix of the names of the app's engine's queues, tables and containers.</param>
    public static async Task<StorageCounter> StartAsync(string connectionString, string hub)
    {
        var counter = new StorageCounter(hub);
        counter._proxy = await StorageProxy.StartAsync(connectionString, counter.PassAsync);
        return counter;
    }

    /// <summary>Returns the requests since the last call.</summary>
    public Tally Take()
    {
        lock (_lock)
        {
            Tally taken = _tally;
            _tally = new Tally();
            return taken;
        }
    }

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    private async Task PassAsync(StorageRequest request)
    {
        lock (_lock)
        {
            _tally.Add(PayerOf(request), request.Service, 1, Prices.Of(request));
        }

        await StorageProxy.AnswerAsync(request, await _proxy.SendAsync(request));
    }

    private Payer PayerOf(StorageRequest request) =>
        request.Resource.StartsWith(_hub, StringComparison.OrdinalIgnoreCase) ? Payer.Engine
        : request.Resource.StartsWith("standalone", StringComparison.OrdinalIgnoreCase) || IsLookForDrops(request) ? Payer.Host
        : Payer.Product;

    /// <summary>A registration lists one folder of the container; the blob trigger lists all of it.</summary>
    private static bool IsLookForDrops(StorageRequest request) =>
        request is { Resource: "drop", Operation: "list" } && !Folder().IsMatch(request.Path);

    [GeneratedRegex("[?&]prefix=[^&]")]
    private static partial Regex Folder();
}
