using System.Net;
using System.Text.Json;
using Google.Protobuf.Collections;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Modeldrop.Tests.Worker.Protocol;

namespace Modeldrop.Tests.Worker;

/// <summary>A substitute for the Functions host. It starts the app as an isolated worker and invokes its functions.</summary>
internal sealed class WorkerHost : IAsyncDisposable
{
    /// <summary>Sent with requests that have no key, because behind the Functions host every request needs one.</summary>
    public const string OwnerKey = "owner-key-of-the-tests-of-the-worker";

    /// <summary>Marks a request that is sent unchanged, with its own key or without one.</summary>
    public static readonly HttpRequestOptionsKey<bool> OwnKeyOnly = new(nameof(OwnKeyOnly));

    private const string InvocationHeader = "x-ms-invocation-id";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(5);

    // The capabilities that the Functions 4 host reports to a worker.
    private static readonly string[] Capabilities =
        ["RpcHttpBodyOnly", "RawHttpBodyBytes", "TypedDataCollection", "UseNullableValueDictionaryForHttp", "V2Compatable", "MultiStream"];

    private static readonly JsonElement DurableSettings =
        JsonElement.Parse(File.ReadAllText(Path.Combine(WorkerProcess.Folder, "host.json")))
            .GetProperty("extensions").GetProperty("durableTask");

    private readonly WebApplication _server;
    private readonly WorkerChannel _channel;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private WorkerHost(WebApplication server, WorkerChannel channel, DurableHost durable, WorkerProcess process)
    {
        _server = server;
        _channel = channel;
        Durable = durable;
        Process = process;
    }

    public WorkerProcess Process { get; }

    public DurableHost Durable { get; }

    public IReadOnlyList<WorkerFunction> Functions { get; private set; } = [];

    /// <summary>The worker's errors about functions that it could not load.</summary>
    public IReadOnlyList<string> LoadFailures { get; private set; } = [];

    public IReadOnlyList<RpcLog> Logs => _channel.Logs;

    /// <summary>Starts a host and its worker; completes when the worker can be invoked.</summary>
    public static async Task<WorkerHost> StartAsync(string connectionString, params (string Name, string Value)[] settings)
    {
        var channel = new WorkerChannel();
        var durable = new DurableHost();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton(channel).AddSingleton(durable);
        WebApplication server = builder.Build();
        server.MapGrpcService<WorkerChannel>();
        server.MapGrpcService<DurableHost>();
        await server.StartAsync();
        var host = new WorkerHost(server, channel, durable, WorkerProcess.Start(new Uri(server.Urls.Single()), connectionString, settings));
        try
        {
            using var timeout = new CancellationTokenSource(StartTimeout);
            await host.LoadAsync(timeout.Token);
            return host;
        }
        catch (Exception exception)
        {
            await host.DisposeAsync();
            throw new InvalidOperationException($"The worker did not start:\n{host.Process.Output}", exception);
        }
    }

    /// <summary>Invokes a function that is not for HTTP.</summary>
    /// <param name="trigger">The value of its trigger parameter.</param>
    public Task<InvocationResponse> InvokeAsync(string function, TypedData trigger, CancellationToken cancellationToken) =>
        InvokeAsync(Functions.Single(known => known.Name == function), Guid.NewGuid().ToString(), trigger, [], cancellationToken);

    /// <summary>Sends a request to the worker and names the function that answers, as the host does.</summary>
    /// <param name="request">A request whose address is a path and query.</param>
    /// <param name="cancellationToken">Closes the connection. This returns when the function has ended.</param>
    /// <exception cref="InvalidOperationException">No function has the route.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = new Uri(_http.BaseAddress!, request.RequestUri!);
        (WorkerFunction function, RouteValueDictionary values) = Route(request.Method, PathString.FromUriComponent(address));
        string invocation = Guid.NewGuid().ToString();
        request.Headers.Add(InvocationHeader, invocation);
        if (!request.Options.TryGetValue(OwnKeyOnly, out _))
        {
            request.Headers.Add("x-api-key", OwnerKey);
        }

        Task<HttpResponseMessage> answer = _http.SendAsync(request, cancellationToken);
        var trigger = new TypedData { Http = new RpcHttp() };
        Task<InvocationResponse> invoked = InvokeAsync(function, invocation, trigger, values, CancellationToken.None);
        try
        {
            return await answer;
        }
        finally
        {
            await invoked;
        }
    }

    /// <summary>Notifies the worker that nobody waits for the answer to a request any more.</summary>
    public void Cancel(HttpRequestMessage request) => _channel.Send(new StreamingMessage
    {
        InvocationCancel = new InvocationCancel { InvocationId = request.Headers.GetValues(InvocationHeader).Single() },
    });

    /// <summary>Asks the worker to end itself.</summary>
    public void Terminate() => _channel.Send(new StreamingMessage { WorkerTerminate = new WorkerTerminate() });

    /// <summary>Ends the host and leaves the worker alone.</summary>
    public ValueTask StopAsync() => _server.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Process.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        Task ended = Process.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(_channel.Opened, ended) == ended)
        {
            await ended;
            throw new InvalidOperationException("It has ended before it called.");
        }

        var init = new WorkerInitRequest
        {
            HostVersion = "4.1052.200",
            WorkerDirectory = WorkerProcess.Folder,
            FunctionAppDirectory = WorkerProcess.Folder,
        };
        init.Capabilities.Add(Capabilities.ToDictionary(name => name, _ => bool.TrueString));
        StreamingMessage ready = await _channel.AskAsync(new StreamingMessage { WorkerInitRequest = init }, cancellationToken);
        _http.BaseAddress = new Uri(ready.WorkerInitResponse.Capabilities["HttpUri"]);

        var index = new FunctionsMetadataRequest { FunctionAppDirectory = WorkerProcess.Folder };
        StreamingMessage indexed = await _channel.AskAsync(new StreamingMessage { FunctionsMetadataRequest = index }, cancellationToken);
        RepeatedField<RpcFunctionMetadata> functions = indexed.FunctionMetadataResponse.FunctionMetadataResults;
        StreamingMessage[] loaded = await Task.WhenAll(functions
            .Select(function => new FunctionLoadRequest { FunctionId = function.FunctionId, Metadata = function })
            .Select(load => _channel.AskAsync(new StreamingMessage { FunctionLoadRequest = load }, cancellationToken)));
        Functions = [.. functions.Select(function => new WorkerFunction(function)).OrderBy(function => function.Precedence)];
        LoadFailures =
        [
            .. loaded.Select(answer => answer.FunctionLoadResponse.Result)
                .Where(result => result.Status != StatusResult.Types.Status.Success)
                .Select(result => result.Exception.Message),
        ];
        if (await Task.WhenAny(_channel.Started, ended) == ended)
        {
            await ended;
            throw new InvalidOperationException("It has ended before all of it had started.");
        }
    }

    private async Task<InvocationResponse> InvokeAsync(
        WorkerFunction function, string invocation, TypedData trigger, RouteValueDictionary values, CancellationToken cancellationToken)
    {
        var request = new InvocationRequest
        {
            InvocationId = invocation,
            FunctionId = function.Id,
            TraceContext = new RpcTraceContext { TraceParent = $"00-{Guid.NewGuid():N}-{Guid.NewGuid().ToString("N")[..16]}-00" },
        };
        request.InputData.Add(new ParameterBinding { Name = function.Trigger.Name, Data = trigger });
        request.InputData.Add(function.DurableClients.Select(name =>
            new ParameterBinding { Name = name, Data = new TypedData { String = DurableClient() } }));
        foreach ((string name, object? value) in values)
        {
            request.TriggerMetadata[name] = new TypedData { String = (string)value! };
        }

        StreamingMessage answer = await _channel.AskAsync(new StreamingMessage { InvocationRequest = request }, cancellationToken);
        return answer.InvocationResponse;
    }

    /// <summary>
    /// The data that the host's durable extension sends to a durable client. Answers have at most 4 MB unless host.json changes it.
    /// </summary>
    private string DurableClient() => JsonSerializer.Serialize(new
    {
        taskHubName = "Modeldrop",
        connectionName = "Storage",
        rpcBaseUrl = _server.Urls.Single(),
        requiredQueryStringParameters = "",
        httpBaseUrl = "",
        maxGrpcMessageSizeInBytes = DurableSettings.TryGetProperty("maxGrpcMessageSizeInBytes", out JsonElement limit)
            ? limit.GetInt32()
            : 4 << 20,
    });

    private (WorkerFunction Function, RouteValueDictionary Values) Route(HttpMethod method, PathString path)
    {
        foreach (WorkerFunction function in Functions)
        {
            if (function.TryMatch(method, path, out RouteValueDictionary? values))
            {
                return (function, values);
            }
        }

        throw new InvalidOperationException($"No function has the route {method} {path}.");
    }
}
