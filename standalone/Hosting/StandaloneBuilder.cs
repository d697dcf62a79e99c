using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Modeldrop.Access;
using Modeldrop.Standalone.Emulator;
using Modeldrop.Standalone.Http;
using Modeldrop.Standalone.Invocation;
using Modeldrop.Storage;

namespace Modeldrop.Standalone.Hosting;

/// <summary>Collects services, settings and middleware, and builds the host of the functions.</summary>
internal sealed class StandaloneBuilder : IFunctionsWorkerApplicationBuilder
{
    private readonly HostStart _start;
    private readonly WebApplicationBuilder _web;
    private readonly HostRoles _roles;
    private readonly StorageEmulator? _emulator;
    private readonly List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> _middleware = [];

    private StandaloneBuilder(HostStart start)
    {
        _start = start;
        _web = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = start.Args, ContentRootPath = start.BaseDirectory });
        LocalSettings.AddTo(Configuration, start.BaseDirectory);
        Configuration.AddInMemoryCollection(start.Settings);
        Configuration[StorageOptions.DropContainerSetting.Replace("__", ":", StringComparison.Ordinal)] =
            Configuration["Storage:ContainerPrefix"] + BlobContainers.Drop;
        HostLogging.Configure(Logging);

        string urls = HostAddress.Urls(Configuration);
        _roles = HostRolesSetting.Read(Configuration);
        if (HostAddress.FindInUse(urls) is { } inUse)
        {
            throw new StartFailure(HostAddress.InUseMessage(inUse));
        }

        _web.WebHost.UseUrls(urls);
        _emulator = StartEmulator();
    }

    public IServiceCollection Services => _web.Services;

    public ConfigurationManager Configuration => _web.Configuration;

    public ILoggingBuilder Logging => _web.Logging;

    /// <exception cref="StartFailure">The address is in use; a role is unknown; there is no storage.</exception>
    public static StandaloneBuilder Create(HostStart start) => new(start);

    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        _middleware.Add(middleware);
        return this;
    }

    /// <summary>Discovers the functions and builds the host that runs them. Call it once.</summary>
    /// <exception cref="InvalidOperationException">A function cannot run here.</exception>
    public StandaloneHost Build()
    {
        IReadOnlyList<StandaloneFunction> functions = FunctionDiscovery.Discover(_start.FunctionTypes);
        HostComposition.AddServices(Services, Configuration, functions, _middleware, _roles);

        IReadOnlyList<string> origins = HostCors.AddTo(Services, Configuration);
        Services.TryAddSingleton(new AccessHost(
            HostExposure.IsLoopbackOnly(HostAddress.Urls(Configuration)), MayMakeFirstKey: _roles.HasFlag(HostRoles.Management))
        {
            Origins = origins,
        });
        WebApplication app = _web.Build();
        if (origins.Count > 0)
        {
            app.UseCors();
        }

        HttpFunctions.Map(app, functions, _roles);
        return new StandaloneHost(app, _emulator);
    }

    private StorageEmulator? StartEmulator()
    {
        IConfigurationSection storage = Configuration.GetSection(HostStorage.ConnectionName);
        if (storage.Value is { Length: > 0 } || storage.GetChildren().Any())
        {
            return null;
        }

        var options = new StandaloneOptions();
        Configuration.GetSection(StandaloneOptions.SectionName).Bind(options);
        string data = Path.GetFullPath(options.DataPath);
        try
        {
            // The app's own services read the connection string after this, so the emulator cannot wait for the host's asynchronous start.
            // There is no synchronization context to block.
            StorageEmulator emulator = StorageEmulator.StartAsync(new StorageEmulatorOptions
            {
                DataPath = data,
                ToolsPath = Path.GetFullPath(options.ToolsPath ?? Path.Combine(data, "tools")),
                Progress = Console.Out.WriteLine,
            }).GetAwaiter().GetResult();
            Console.WriteLine("Starting Modeldrop; it creates its containers and tables first, which takes a few seconds …");
            Configuration[HostStorage.ConnectionName] = emulator.ConnectionString;
            return emulator;
        }
        catch (EmulatorException exception)
        {
            throw new StartFailure(exception.Message, exception);
        }
    }
}
