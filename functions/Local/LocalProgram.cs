using Modeldrop.Functions.Local;

/// <summary>What the program does besides serving when it runs on a laptop.</summary>
internal partial class Program
{
    static partial void AddLocal(FunctionsApplicationBuilder builder, string[] args)
    {
        builder.Services.AddSingleton<Welcome>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Welcome>());
        builder.Services.AddSingleton<Microsoft.AspNetCore.Hosting.IStartupFilter, HostAnswers>();
        if (args.Contains("--demo"))
        {
            builder.Services.AddHostedService<Demo>();
        }
    }
}
