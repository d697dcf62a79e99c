using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Modeldrop.Standalone.Hosting;
using Modeldrop.Tests.OpenApi;

namespace Modeldrop.Tests.Standalone;

/// <summary>A local host inside the test's process, on a free port, with the given function classes.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly StandaloneHost _host;
    private readonly TemporaryFolder _folder;

    private TestHost(StandaloneHost host, TemporaryFolder folder, RecordedLog log)
    {
        _host = host;
        _folder = folder;
        Log = log;
        Client = new HttpClient(new AnswerCheck()) { BaseAddress = new Uri(host.Addresses.Single()) };
    }

    public HttpClient Client { get; }

    public RecordedLog Log { get; }

    public IServiceProvider Services => _host.Services;

    public static StandaloneBuilder CreateBuilder(
        IEnumerable<Type> functions,
        Dictionary<string, string?>? settings = null,
        string? baseDirectory = null)
    {
        // Without functions that need it, the account is never used.
        Dictionary<string, string?> all = new() { ["urls"] = "http://127.0.0.1:0", ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true" };
        foreach ((string key, string? value) in settings ?? [])
        {
            all[key] = value;
        }

        return StandaloneBuilder.Create(new HostStart
        {
            FunctionTypes = [.. functions],
            Settings = all,
            BaseDirectory = baseDirectory ?? RepositoryFiles.Root,
        });
    }

    public static async Task<TestHost> StartAsync(
        IEnumerable<Type> functions,
        Dictionary<string, string?>? settings = null,
        Action<StandaloneBuilder>? configure = null,
        TimeProvider? clock = null)
    {
        var folder = new TemporaryFolder();
        StandaloneBuilder builder = CreateBuilder(functions, settings, folder.Path);
        var log = new RecordedLog();
        builder.Logging.ClearProviders().AddProvider(log);
        if (clock is not null)
        {
            builder.Services.TryAddSingleton(clock);
        }

        configure?.Invoke(builder);
        StandaloneHost host = builder.Build();
        await host.StartAsync();
        return new TestHost(host, folder, log);
    }

    /// <summary>Settings that keep the host's lease and receipts apart from those of other tests.</summary>
    public static Dictionary<string, string?> Storage(AzuriteFixture azurite)
    {
        string unique = Guid.NewGuid().ToString("N")[..12];
        return new()
        {
            ["AzureWebJobsStorage"] = azurite.ConnectionString,
            ["Host:Container"] = $"hosts-{unique}",
            ["Host:ReceiptTable"] = $"Receipts{unique}",
            ["Host:BlobPollInterval"] = "00:00:00.050",
            ["Host:BlobIdleInterval"] = "00:00:00.200",
            ["Host:BlobRetryDelay"] = "00:00:00.010",
            ["Inbox"] = $"inbox-{unique}",
        };
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.StopAsync();
        await _host.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Records the log for assertions.</summary>
internal sealed class RecordedLog : ILoggerProvider, ILogger
{
    private readonly List<(LogLevel Level, int Id, string Message)> _entries = [];

    public IReadOnlyList<(LogLevel Level, int Id, string Message)> Entries
    {
        get
        {
            lock (_entries)
            {
                return [.. _entries];
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_entries)
        {
            _entries.Add((logLevel, eventId.Id, $"{formatter(state, exception)} {exception}"));
        }
    }

    public void Dispose()
    {
    }
}
