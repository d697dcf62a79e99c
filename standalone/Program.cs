// An untrusted model is opened in a child process: this program runs again, and checks for that before it becomes a host.
using Modeldrop.Functions;
using Modeldrop.Probe.Child;
using Modeldrop.Standalone.Demo;
using Modeldrop.Standalone.Hosting;

if (args is ["probe", ..])
{
    return await ProbeProgram.RunAsync(args[1..]);
}

try
{
    StandaloneBuilder builder = StandaloneBuilder.Create(new HostStart { Args = args });
    builder.UseModeldrop();
    builder.Services.AddModeldrop(builder.Configuration);
    builder.Services.AddWelcome();
    if (args.Contains("--demo"))
    {
        builder.Services.AddDemo();
    }

    await using StandaloneHost host = builder.Build();
    await host.RunAsync();
    return Environment.ExitCode;
}
catch (StartFailure failure)
{
    await Console.Error.WriteLineAsync(failure.Message);
    return 1;
}
