using System.Net;
using System.Text.Json;
using Azure.Storage.Blobs;
using Microsoft.DurableTask.Protobuf;
using Modeldrop.Functions;
using Modeldrop.Functions.Lifecycle.Registration;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Worker;

/// <summary>Bodies larger than the 30 MB that a web server takes by default.</summary>
public sealed class UploadTests(WorkerFixture fixture) : WorkerTests(fixture)
{
    private const string Route = "/api/models/large/versions";

    [Fact]
    public async Task UploadVersion_31Megabytes_IsStoredAndRegistered()
    {
        byte[] model = new byte[31_000_000];

        using HttpResponseMessage response = await Worker.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, Route) { Content = new ByteArrayContent(model) }, Cancellation);

        JsonElement answer = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        CreateInstanceRequest started = Worker.Durable.Started[answer.GetProperty("operation").GetString()!];
        Assert.Equal(nameof(RegisterOrchestration), started.Name);
        RegisterInput input = JsonSerializer.Deserialize<RegisterInput>(started.Input)!;
        BlobClient stored = Fixture.Container(BlobContainers.Drop).GetBlobClient(input.Path);
        Assert.Equal(model.Length, (await stored.GetPropertiesAsync(cancellationToken: Cancellation)).Value.ContentLength);
    }

    /// <summary><c>curl --data-binary @model.onnx</c> declares its body as a form.</summary>
    [Fact]
    public async Task UploadVersion_WithTheContentTypeOfCurl_IsReadAsTheModel()
    {
        var body = new ByteArrayContent("\u0008\u0007=&%"u8.ToArray());
        body.Headers.ContentType = new("application/x-www-form-urlencoded");

        using HttpResponseMessage response = await Worker.SendAsync(new HttpRequestMessage(HttpMethod.Post, Route) { Content = body },
            Cancellation);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        string operation = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation)).GetProperty("operation").GetString()!;
        RegisterInput input = JsonSerializer.Deserialize<RegisterInput>(Worker.Durable.Started[operation].Input)!;
        BlobClient stored = Fixture.Container(BlobContainers.Drop).GetBlobClient(input.Path);
        Assert.Equal("\u0008\u0007=&%", (await stored.DownloadContentAsync(Cancellation)).Value.Content.ToString());
    }

    [Fact]
    public async Task UploadVersion_MoreThanTheHostAccepts_IsAProblem()
    {
        // The body is sent only if the worker requests it.
        var body = new ByteArrayContent(new byte[ModeldropApp.MaxRequestBytes + 1]);
        var request = new HttpRequestMessage(HttpMethod.Post, Route) { Content = body };
        request.Headers.ExpectContinue = true;

        using HttpResponseMessage response = await Worker.SendAsync(request, Cancellation);

        JsonElement problem = await AssertProblemAsync(response, HttpStatusCode.RequestEntityTooLarge, "payloadTooLarge");
        Assert.Contains("100 MiB", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
