using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Modeldrop.Scoring.Cache;

/// <summary>Ends runs that would delay the stop of the process.</summary>
internal sealed class RunDrain(SessionCache sessions, IHostApplicationLifetime host, IOptions<ScoringOptions> options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Not when this service itself stops: the web server stops first, and waits for the requests.
        host.ApplicationStopping.Register(() => sessions.Watch.StopAfter(options.Value.DrainTime));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
