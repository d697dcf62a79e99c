using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Modeldrop.Scoring.Cache;

/// <summary>Ends the runs that a stop of the process would wait for.</summary>
internal sealed class RunDrain(SessionCache sessions, IHostApplicationLifetime host, IOptions<ScoringOptions> options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Not with this service's own stop: the web server stops first, and waits for the requests.
        host.ApplicationStopping.Register(() => sessions.Watch.StopAfter(options.Value.DrainTime));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
