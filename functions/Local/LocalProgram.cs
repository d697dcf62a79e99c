using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Modeldrop.Functions.Local;

/// <summary>What the program does besides serving when it runs on a laptop.</summary>
internal partial class Program
{
    static partial void AddLocal(FunctionsApplicationBuilder builder, string[] args)
    {
        builder.Services.AddSingleton<Welcome>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Welcome>());
        builder.Services.AddSingleton<IStartupFilter, HostAnswers>();
        if (args.Contains("--demo"))
        {
            // The demo says itself what happens, step by step: the log keeps to what goes wrong.
            builder.Logging.AddFilter("Modeldrop", LogLevel.Warning);
            builder.Services.AddHostedService<Demo>();
        }
    }
}
