using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Modeldrop.LocalHost.Emulator;

namespace Modeldrop.LocalHost;

/// <summary>The web application and the emulator that was started for it, which ends after everything that may still write to it.</summary>
internal sealed partial class FunctionsHost(WebApplication app, StorageEmulator? emulator, bool ownsProcess) : IHost, IAsyncDisposable
{
    public IServiceProvider Services => app.Services;

    /// <summary>Where the host listens, once it has started.</summary>
    public IReadOnlyCollection<string> Addresses => [.. app.Urls];

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            var failure = new StartFailure(HostAddress.InUseMessage(HostAddress.Urls(app.Configuration)), exception);
            await StopAsync(CancellationToken.None);
            if (ownsProcess)
            {
                await DisposeAsync();
                failure.Exit();
            }

            throw failure;
        }

        ILogger logger = app.Services.GetRequiredService<ILogger<FunctionsHost>>();
        Log.Listening(logger, string.Join(", ", Addresses));
    }

    public Task StopAsync(CancellationToken cancellationToken = default) => app.StopAsync(cancellationToken);

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        if (emulator is not null)
        {
            await emulator.DisposeAsync();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9040, LogLevel.Information, "Listening on {Addresses}.")]
        public static partial void Listening(ILogger logger, string addresses);
    }
}
