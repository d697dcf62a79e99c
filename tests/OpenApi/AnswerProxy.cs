using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Modeldrop.Tests.OpenApi;

/// <summary>
/// A proxy on loopback between the app and a client in another process, which checks each answer, and each accepted call of MLflow's
/// protocol, against the API's description.
/// </summary>
internal sealed class AnswerProxy : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly HttpClient _app;

    private AnswerProxy(WebApplication server, Uri app)
    {
        _server = server;
        _app = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = app };
    }

    public Uri Address => new(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>The violations found, of answers and of requests.</summary>
    public ConcurrentQueue<string> Violations { get; } = [];

    /// <summary>Routes that have answered with JSON.</summary>
    public ConcurrentDictionary<string, bool> Seen { get; } = [];

    public static async Task<AnswerProxy> StartAsync(Uri app)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        var proxy = new AnswerProxy(server, app);
        server.Run(proxy.PassOnAsync);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _app.Dispose();
    }

    private async Task PassOnAsync(HttpContext http)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(http.Request.Method), http.Request.Path.ToUriComponent() + http.Request.QueryString);
        byte[]? sent = null;
        if (http.Request.ContentType == "application/json")
        {
            using var copy = new MemoryStream();
            await http.Request.Body.CopyToAsync(copy, http.RequestAborted);
            sent = copy.ToArray();
            request.Content = new ByteArrayContent(sent);
        }
        else if (http.Request.ContentLength is not null || http.Request.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(http.Request.Body);
            request.Content.Headers.ContentLength = http.Request.ContentLength;
        }

        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in http.Request.Headers)
        {
            if (!name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || name is "Content-Type" or "Content-Encoding")
            {
                _ = request.Headers.TryAddWithoutValidation(name, value.ToArray())
                    || request.Content?.Headers.TryAddWithoutValidation(name, value.ToArray()) == true;
            }
        }

        using HttpResponseMessage answer = await _app.SendAsync(request, http.RequestAborted);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(http.RequestAborted);
        string? type = answer.Content.Headers.ContentType?.MediaType;
        if (type?.EndsWith("json", StringComparison.Ordinal) == true)
        {
            Seen[$"{http.Request.Method} {http.Request.Path}"] = true;
            if (AnswerCheck.FindViolation(
                http.Request.Method, http.Request.Path, (int)answer.StatusCode, type, System.Text.Encoding.UTF8.GetString(body))
                is { } violation)
            {
                Violations.Enqueue(violation);
            }
        }

        if (answer.IsSuccessStatusCode && AnswerCheck.FindRequestViolation(
            http.Request.Method, http.Request.Path + http.Request.QueryString,
            sent is null ? null : System.Text.Encoding.UTF8.GetString(sent)) is { } wrong)
        {
            Violations.Enqueue(wrong);
        }

        http.Response.StatusCode = (int)answer.StatusCode;
        http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
