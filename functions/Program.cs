using Microsoft.Azure.Functions.Worker.Builder;
using Modeldrop.Access;
using Modeldrop.Functions;
using Modeldrop.Functions.Telemetry;
using Modeldrop.Probe.Child;

// An untrusted model is opened in a child process: this program again, before it becomes a worker.
if (args is ["probe", ..])
{
    return await ProbeProgram.RunAsync(args[1..]);
}

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);

HostSettings.Check(builder.Configuration);
builder.ConfigureFunctionsWebApplication();
builder.UseModeldrop();
builder.Services.AddModeldrop(builder.Configuration);

// The host forwards every request, and only newer ones say from where: the worker never takes a caller for somebody on its machine.
builder.Services.AddSingleton(new AccessHost(LoopbackOnly: false, MayMakeFirstKey: true, BehindHost: true)
{
    PlatformSignsIn = builder.Configuration["WEBSITE_SITE_NAME"] is { Length: > 0 }
        && string.Equals(builder.Configuration["WEBSITE_AUTH_ENABLED"], bool.TrueString, StringComparison.OrdinalIgnoreCase),
});
builder.Services.AddWorkerTelemetry();
builder.Services.AddHostedService<HostWatch>();

await builder.Build().RunAsync();
return 0;
