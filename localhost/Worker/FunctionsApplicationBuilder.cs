using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Modeldrop.LocalHost.Emulator;
using Modeldrop.LocalHost.Http;

namespace Modeldrop.LocalHost;

/// <summary>Collects services, configuration and middleware of an app and builds its host.</summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    // The limit of the real host.
    private const long MaxRequestBodyBytes = 104_857_600;

    private readonly HostStart _start;
    private readonly WebApplicationBuilder _web;
    private readonly StorageEmulator? _emulator;
    private readonly List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> _middleware = [];

    private FunctionsApplicationBuilder(HostStart start)
    {
        _start = start;
        _web = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = start.Args, ContentRootPath = start.BaseDirectory });
        LocalSettings.AddTo(Configuration, start.BaseDirectory);
        Configuration.AddInMemoryCollection(start.Settings);
        HostLogging.Configure(Logging);

        string urls = HostAddress.Urls(Configuration);
        if (HostAddress.FindInUse(urls) is { } inUse)
        {
            throw new StartFailure(HostAddress.InUseMessage(inUse));
        }

        _web.WebHost.UseUrls(urls);
        _web.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MaxRequestBodyBytes);
        _emulator = StartEmulator();
    }

    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_web).Properties;

    public ConfigurationManager Configuration => _web.Configuration;

    public IHostEnvironment Environment => _web.Environment;

    public ILoggingBuilder Logging => _web.Logging;

    public IMetricsBuilder Metrics => _web.Metrics;

    public IServiceCollection Services => _web.Services;

    IConfigurationManager IHostApplicationBuilder.Configuration => _web.Configuration;

    /// <summary>Whether the app called <c>ConfigureFunctionsWebApplication</c>.</summary>
    internal bool ServesHttp { get; set; }

    /// <summary>Types besides those of the entry assembly.</summary>
    internal List<Type> AddedFunctionTypes { get; } = [];

    /// <exception cref="StartFailure">The address is in use, or there is no storage; the process ends instead when the host owns it.</exception>
    internal static FunctionsApplicationBuilder Create(HostStart start)
    {
        try
        {
            return new FunctionsApplicationBuilder(start);
        }
        catch (StartFailure failure) when (start.OwnsProcess)
        {
            failure.Exit();
            throw;
        }
    }

    /// <summary>Finds the functions and builds what runs them. Call it once.</summary>
    /// <exception cref="FunctionDiscoveryException">Functions that cannot run: all of them, with all that is wrong.</exception>
    public IHost Build()
    {
        var http = new HttpTriggerKind(HttpFunctions.ReadRoutePrefix(_start.BaseDirectory), ServesHttp);
        IReadOnlyList<LocalFunction> functions = HostComposition.Discover(_start.Types().Concat(AddedFunctionTypes).Distinct(), http, Configuration);
        HostComposition.AddServices(Services, functions, _middleware);

        WebApplication app = _web.Build();
        HttpFunctions.Map(
            app,
            http,
            functions.Where(function => function.Trigger is HttpTriggerAttribute),
            app.Services.GetRequiredService<FunctionRunner>());
        return new FunctionsHost(app, _emulator, _start.OwnsProcess);
    }

    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory,
        Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull =>
        ((IHostApplicationBuilder)_web).ConfigureContainer(factory, configure);

    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        _middleware.Add(middleware);
        return this;
    }

    private StorageEmulator? StartEmulator()
    {
        if (Configuration.GetSection(HostStorage.DefaultConnection) is var storage && (storage.Value is { Length: > 0 } || storage.GetChildren().Any()))
        {
            return null;
        }

        var options = new LocalHostOptions();
        Configuration.GetSection(LocalHostOptions.SectionName).Bind(options);
        string data = Path.GetFullPath(options.DataPath);
        try
        {
            // The app's own services read the connection string from here on, so the emulator cannot wait for the host's
            // asynchronous start. There is no synchronization context to block.
            StorageEmulator emulator = StorageEmulator.StartAsync(new StorageEmulatorOptions
            {
                DataPath = data,
                ToolsPath = Path.GetFullPath(options.ToolsPath ?? Path.Combine(data, "tools")),
                Progress = Console.Out.WriteLine,
            }).GetAwaiter().GetResult();
            Configuration[HostStorage.DefaultConnection] = emulator.ConnectionString;
            return emulator;
        }
        catch (EmulatorException exception)
        {
            throw new StartFailure(exception.Message, exception);
        }
    }
}
