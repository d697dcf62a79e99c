using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Modeldrop.Standalone.Emulator;

namespace Modeldrop.Standalone.Hosting;

/// <summary>
/// The web application, and the emulator that was started for it. The emulator ends last, because others may still write to it.
/// </summary>
internal sealed partial class StandaloneHost(WebApplication app, StorageEmulator? emulator) : IHost, IAsyncDisposable
{
    public IServiceProvider Services => app.Services;

    /// <summary>The addresses of the host, once it has started.</summary>
    public IReadOnlyCollection<string> Addresses => [.. app.Urls];

    /// <exception cref="StartFailure">The address is in use.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            await StopAsync(CancellationToken.None);
            throw new StartFailure(HostAddress.InUseMessage(HostAddress.Urls(app.Configuration)), exception);
        }

        Log.Listening(app.Services.GetRequiredService<ILogger<StandaloneHost>>(), string.Join(", ", Addresses));
    }

    public Task StopAsync(CancellationToken cancellationToken = default) => app.StopAsync(cancellationToken);

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();

        // Disposed only once: both the creator of the host and its runner dispose it.
        if (Interlocked.Exchange(ref emulator, null) is { } running)
        {
            await running.DisposeAsync();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9040, LogLevel.Information, "Listening on {Addresses}.")]
        public static partial void Listening(ILogger logger, string addresses);
    }
}
