using Modeldrop.Catalogue;
using Modeldrop.Functions.Errors;
using Modeldrop.Functions.Lifecycle;
using Modeldrop.Lifecycle;
using Modeldrop.Monitoring;
using Modeldrop.Predictions;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Scoring;
using Modeldrop.Storage;
using Modeldrop.Telemetry;

// An untrusted model is opened in a child process: this program again, before it becomes a host.
if (args is ["probe", ..])
{
    return await ProbeProgram.RunAsync(args[1..]);
}

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);

builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware<ErrorMiddleware>();

builder.Services.AddSingleton(TimeProvider.System);
builder.Services
    .AddTelemetry(builder.Configuration)
    .AddStorage(builder.Configuration)
    .AddRegistry(builder.Configuration)
    .AddPredictions(builder.Configuration)
    .AddScoring(builder.Configuration)
    .AddMonitoring(builder.Configuration)
    .AddProbe(builder.Configuration)
    .AddLifecycle(builder.Configuration)
    .AddCatalogue();
builder.Services.AddSingleton<OperationStarter>();
AddLocal(builder, args);
AddAzure(builder);

await builder.Build().RunAsync();
return Environment.ExitCode;

internal partial class Program
{
    // Implemented in Local/ and in Azure/; each build compiles one of the two, and the compiler drops the call of the other.
    static partial void AddLocal(FunctionsApplicationBuilder builder, string[] args);

    static partial void AddAzure(FunctionsApplicationBuilder builder);
}
