using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Modeldrop.Tests.Webhooks;

/// <summary>A receiver of webhooks on loopback that returns the test's answers and records the deliveries.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Receiver(WebApplication app) => _app = app;

    public List<Delivery> Deliveries { get; } = [];

    /// <summary>The answer by the number of the delivery, from 0.</summary>
    public Func<int, HttpResponse, int> Answer { get; set; } = (_, _) => 204;

    public string Address =>
        _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/hook";

    public static async Task<Receiver> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var receiver = new Receiver(app);
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            int number;
            lock (receiver.Deliveries)
            {
                number = receiver.Deliveries.Count;
                receiver.Deliveries.Add(new Delivery(
                    http.Request.Path, http.Request.ContentType!, http.Request.Headers["webhook-id"]!, http.Request.Headers[
                        "webhook-timestamp"]!, http.Request.Headers["webhook-signature"], body
                        .ToArray()));
            }

            http.Response.StatusCode = receiver.Answer(number, http.Response);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

internal sealed record Delivery(string Path, string ContentType, string Id, string Timestamp, string? Signature, byte[] Body);
