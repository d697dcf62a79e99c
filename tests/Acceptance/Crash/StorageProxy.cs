using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>Stands between an app and its storage account: sees every request, and lets the host die at one of them.</summary>
/// <remarks>
/// The app knows nothing of it: its connection string names the proxy's ports. Requests and answers pass whole and unchanged; their signatures
/// cover the path, not the address.
/// </remarks>
internal sealed class StorageProxy : IAsyncDisposable
{
    private static readonly string[] Endpoints = ["BlobEndpoint", "QueueEndpoint", "TableEndpoint"];

    private readonly HttpMessageInvoker _storage = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
    private readonly Dictionary<int, string> _targets = [];
    private readonly WebApplication _app;
    private long _lastWriteAt = TimeProvider.System.GetTimestamp();
    private int _pending;

    private StorageProxy(WebApplication app) => _app = app;

    /// <summary>For the app.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>Null: nobody counts.</summary>
    public KillSwitch? Armed { get; set; }

    /// <summary>Since when nothing was written.</summary>
    public TimeSpan Silence => Volatile.Read(ref _pending) > 0 ? TimeSpan.Zero : TimeProvider.System.GetElapsedTime(Volatile.Read(ref _lastWriteAt));

    /// <param name="connectionString">Of the account.</param>
    public static async Task<StorageProxy> StartAsync(string connectionString)
    {
        // Without files of settings to watch: a sweep starts hundreds of these.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            Array.ForEach(Endpoints, _ => kestrel.Listen(IPAddress.Loopback, 0));
        });
        var proxy = new StorageProxy(builder.Build());
        proxy._app.Run(proxy.PassAsync);
        await proxy._app.StartAsync();
        proxy.Redirect(connectionString);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _storage.Dispose();
    }

    private void Redirect(string connectionString)
    {
        int[] ports = [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port)];
        string[] parts = connectionString.Split(';');
        for (int index = 0; index < Endpoints.Length; index++)
        {
            int part = Array.FindIndex(parts, part => part.StartsWith(Endpoints[index], StringComparison.Ordinal));
            var endpoint = new Uri(parts[part][(Endpoints[index].Length + 1)..]);
            _targets.Add(ports[index], endpoint.GetLeftPart(UriPartial.Authority));
            parts[part] = $"{Endpoints[index]}=http://127.0.0.1:{ports[index]}{endpoint.AbsolutePath}";
        }

        ConnectionString = string.Join(';', parts);
    }

    private async Task PassAsync(HttpContext context)
    {
        string target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        try
        {
            byte[] body = await ReadAsync(context.Request);
            if (StorageWrite.Describe(context.Request.Method, target, body) is { } write)
            {
                await PassWriteAsync(context, target, body, write);
                return;
            }

            await AnswerAsync(context.Response, await SendAsync(context, target, body));
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException or BadHttpRequestException)
        {
            // The app has died in the middle of it.
            context.Abort();
        }
    }

    private async Task PassWriteAsync(HttpContext context, string target, byte[] body, string write)
    {
        KillSwitch? armed = Armed;
        bool strikes = armed?.Count(write) == true;
        Interlocked.Increment(ref _pending);
        try
        {
            if (strikes && armed!.Moment == KillMoment.Before)
            {
                await armed.StrikeAsync();
                context.Abort();
                return;
            }

            HttpResponseMessage answer = await SendAsync(context, target, body);
            if (strikes)
            {
                await armed!.StrikeAsync();
                context.Abort();
                return;
            }

            await AnswerAsync(context.Response, answer);
        }
        finally
        {
            Volatile.Write(ref _lastWriteAt, TimeProvider.System.GetTimestamp());
            Interlocked.Decrement(ref _pending);
        }
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpContext context, string target, byte[] body)
    {
        // As it came: a path that is normalised has another signature.
        var uri = new Uri(_targets[context.Connection.LocalPort] + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), uri);
        if (context.Request.ContentLength is not null || body.Length > 0)
        {
            request.Content = new ByteArrayContent(body);
        }

        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in context.Request.Headers)
        {
            bool isOurs = name is "Host" or "Connection" or "Transfer-Encoding" or "Expect";
            if (!isOurs && !request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        return await _storage.SendAsync(request, CancellationToken.None);
    }

    private static async Task AnswerAsync(HttpResponse response, HttpResponseMessage answer)
    {
        using (answer)
        {
            byte[] body = await answer.Content.ReadAsByteArrayAsync();
            response.StatusCode = (int)answer.StatusCode;
            foreach ((string name, IEnumerable<string> values) in answer.Headers.Concat(answer.Content.Headers))
            {
                if (name is not ("Transfer-Encoding" or "Connection" or "Keep-Alive"))
                {
                    response.Headers[name] = values.ToArray();
                }
            }

            if (body.Length > 0)
            {
                await response.Body.WriteAsync(body);
            }
        }
    }
}
