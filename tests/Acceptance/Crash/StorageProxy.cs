using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>A proxy between an app and its storage account that sees every request.</summary>
/// <remarks>
/// The app does not notice the proxy: its connection string has the proxy's ports. Requests and answers pass unchanged; signatures cover
/// the path, not the address.
/// </remarks>
internal sealed class StorageProxy : IAsyncDisposable
{
    private static readonly string[] Endpoints = ["BlobEndpoint", "QueueEndpoint", "TableEndpoint"];

    private readonly HttpMessageInvoker _storage = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
    private readonly Dictionary<int, (StorageService Service, string Address)> _targets = [];
    private readonly WebApplication _app;
    private readonly Func<StorageRequest, Task> _pass;

    private StorageProxy(WebApplication app, Func<StorageRequest, Task> pass)
    {
        _app = app;
        _pass = pass;
    }

    /// <summary>The connection string for the app.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <param name="connectionString">The account's connection string.</param>
    /// <param name="pass">
    /// Called with each request. It forwards the request with <see cref="SendAsync"/> and answers with <see cref="AnswerAsync"/>, or does
    /// neither.
    /// </param>
    public static async Task<StorageProxy> StartAsync(string connectionString, Func<StorageRequest, Task> pass)
    {
        // No settings files to watch, because a sweep starts hundreds of these.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            Array.ForEach(Endpoints, _ => kestrel.Listen(IPAddress.Loopback, 0));
        });
        var proxy = new StorageProxy(builder.Build(), pass);
        proxy._app.Run(proxy.OnRequestAsync);
        await proxy._app.StartAsync();
        proxy.Redirect(connectionString);
        return proxy;
    }

    /// <summary>Forwards the request to the account.</summary>
    public async Task<HttpResponseMessage> SendAsync(StorageRequest passing)
    {
        HttpRequest incoming = passing.Context.Request;

        // Unchanged, because a normalised path has another signature.
        string address = _targets[passing.Context.Connection.LocalPort].Address + passing.Target;
        var uri = new Uri(address, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(incoming.Method), uri);
        if (incoming.ContentLength is not null || passing.Body.Length > 0)
        {
            request.Content = new ByteArrayContent(passing.Body);
        }

        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in incoming.Headers)
        {
            bool isOurs = name is "Host" or "Connection" or "Transfer-Encoding" or "Expect";
            if (!isOurs && !request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        return await _storage.SendAsync(request, CancellationToken.None);
    }

    /// <summary>Returns the account's answer to the app.</summary>
    public static async Task AnswerAsync(StorageRequest passing, HttpResponseMessage answer)
    {
        HttpResponse response = passing.Context.Response;
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

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _storage.Dispose();
    }

    private void Redirect(string connectionString)
    {
        int[] ports = [
            .. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
                .Select(address => new Uri(address).Port)];
        string[] parts = connectionString.Split(';');
        for (int index = 0; index < Endpoints.Length; index++)
        {
            int part = Array.FindIndex(parts, part => part.StartsWith(Endpoints[index], StringComparison.Ordinal));
            var endpoint = new Uri(parts[part][(Endpoints[index].Length + 1)..]);
            _targets.Add(ports[index], ((StorageService)index, endpoint.GetLeftPart(UriPartial.Authority)));
            parts[part] = $"{Endpoints[index]}=http://127.0.0.1:{ports[index]}{endpoint.AbsolutePath}";
        }

        ConnectionString = string.Join(';', parts);
    }

    private async Task OnRequestAsync(HttpContext context)
    {
        try
        {
            byte[] body = await ReadAsync(context.Request);
            string target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
            await _pass(new StorageRequest(_targets[context.Connection.LocalPort].Service, target, body, context));
        }
        catch (Exception exception) when (
            exception is IOException or HttpRequestException or OperationCanceledException or BadHttpRequestException)
        {
            // The app died during the request.
            context.Abort();
        }
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return body.ToArray();
    }
}
