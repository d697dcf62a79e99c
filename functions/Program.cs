using Microsoft.Azure.Functions.Worker.Builder;
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
builder.Services.AddWorkerTelemetry();
builder.Services.AddHostedService<HostWatch>();

await builder.Build().RunAsync();
return 0;
