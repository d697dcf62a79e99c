using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Modeldrop.Functions;

/// <summary>
/// Ends the worker when the Functions host that started it is gone. The worker's library does not notice a host that was killed, and
/// only Windows ends its children with it: the worker would stay, and hold its memory, until somebody kills it.
/// </summary>
internal sealed class HostWatch(IConfiguration configuration, IHostApplicationLifetime worker, TimeProvider clock) : BackgroundService
{
    /// <summary>The name of the host's address in the worker's library; the command line sets it.</summary>
    private const string AddressKey = "Functions:Worker:HostEndpoint";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (configuration[AddressKey] is not { } address)
        {
            return;
        }

        var host = new Uri(address);
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            await timer.WaitForNextTickAsync(stoppingToken);
        }
        while (await ListensAsync(host, stoppingToken));

        worker.StopApplication();
    }

    /// <summary>The host listens as long as it lives. Only a refusal says that it does not: a busy host may fail to answer.</summary>
    private static async Task<bool> ListensAsync(Uri host, CancellationToken cancellationToken)
    {
        using var connection = new TcpClient();
        try
        {
            await connection.ConnectAsync(host.Host, host.Port, cancellationToken);
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }
}
