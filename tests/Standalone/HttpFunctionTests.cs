using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Modeldrop.Tests.Standalone;

public sealed class HttpFunctionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/", 200, "home")]
    [InlineData("GET", "/v2/models/flights/versions/3", 200, "flights 3 Get")]
    [InlineData("POST", "/v2/models/flights/versions/3", 405, "does not accept POST; it accepts GET")]
    [InlineData("GET", "/v2/models/flights", 405, "does not accept GET; it accepts POST")]
    [InlineData("POST", "/v2/models/flights", 200, "posted flights")]
    [InlineData("GET", "/v2/models/flights/versions/latest", 404, "There is no route")]
    [InlineData("GET", "/files/a/b%20c.txt", 200, "a/b c.txt")]
    [InlineData("DELETE", "/Anything", 200, "DELETE")]
    [InlineData("GET", "/nowhere", 404, "There is no route /nowhere.")]
    public async Task Request_RouteAndMethod_SelectTheFunction(string method, string path, int status, string body)
    {
        await using TestHost host = await TestHost.StartAsync([typeof(Routes)]);

        using HttpResponseMessage response = await host.Client.SendAsync(
            new HttpRequestMessage(new HttpMethod(method), path), Cancellation);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(body, await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Result_EveryKind_IsWritten()
    {
        await using TestHost host = await TestHost.StartAsync([typeof(Results)]);

        Assert.Equal("""{"someName":"x","level":1}""", await host.Client.GetStringAsync("/action", Cancellation));
        Assert.Equal("typed", await host.Client.GetStringAsync("/typed", Cancellation));
        Assert.Equal("written", await host.Client.GetStringAsync("/written", Cancellation));
        Assert.Equal("value task", await host.Client.GetStringAsync("/valuetask", Cancellation));
        Assert.Equal("void", await host.Client.GetStringAsync("/void", Cancellation));
    }

    [Fact]
    public async Task Exception_Unhandled_Is500WithoutBodyAndLogged()
    {
        await using TestHost host = await TestHost.StartAsync([typeof(Failing)]);

        using HttpResponseMessage response = await host.Client.GetAsync("/fails", Cancellation);

        Assert.Equal(
            (HttpStatusCode.InternalServerError, ""), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation)));
        string logged = Assert.Single(host.Log.Entries, entry => entry.Level == LogLevel.Error).Message;
        Assert.Contains("Function fails failed", logged, StringComparison.Ordinal);
        Assert.Contains("broken", logged, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_RequestInFlight_IsAnswered()
    {
        var gate = new Gate();
        TestHost host = await TestHost.StartAsync([typeof(Waiting)], configure: builder => builder.Services.AddSingleton(gate));
        Task<string> answer = host.Client.GetStringAsync("/waits", Cancellation);
        await gate.Entered.Task.WaitAsync(Cancellation);

        Task stopped = host.StopAsync();
        gate.Open.SetResult();

        Assert.Equal("done", await answer);
        await stopped.WaitAsync(Cancellation);
        await host.DisposeAsync();
    }

    public static class Routes
    {
        [Function("Home")]
        public static IActionResult Home(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "{ignored:maxlength(0)?}")] HttpRequest request) => Text("home");

        [Function("Version")]
        public static IActionResult Version(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v2/models/{model}/versions/{version:int}")] HttpRequest request,
            string model,
            int version,
            FunctionContext context) => Text($"{model} {context.BindingContext.BindingData["version"]} {(version == 3 ? "Get" : "")}");

        [Function("Post")]
        public static Task<IActionResult> Post(
            [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v2/models/{model}")] HttpRequest request,
            string model,
            CancellationToken cancellationToken) => Task.FromResult<IActionResult>(Text($"posted {model}"));

        [Function("Files")]
        public static IActionResult Files(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "files/{*path}")] HttpRequest request,
            string path) => Text(path);

        [Function("Anything")]
        public static IActionResult Any([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Text(request.Method);

        private static ContentResult Text(string text) => new ContentResult { Content = text };
    }

    public static class Anything
    {
        [Function("Anything")]
        public static IResult Any([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => TypedResults.Text(request.Method);
    }

    public static class Results
    {
        [Function("Action")]
        public static IActionResult Action([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            new OkObjectResult(new { SomeName = "x", Level = 1 });

        [Function("Typed")]
        public static Task<IResult> TypedAsync([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            Task.FromResult<IResult>(TypedResults.Text("typed"));

        [Function("Written")]
        public static async Task WrittenAsync([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            await request.HttpContext.Response.WriteAsync("written");

        [Function("ValueTask")]
        public static ValueTask<IResult> ValueTaskAsync([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            new(TypedResults.Text("value task"));

        [Function("Void")]
        public static void Write([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            request.HttpContext.Features.Get<IHttpBodyControlFeature>()!.AllowSynchronousIO = true;
            request.HttpContext.Response.Body.Write("void"u8);
        }
    }

    public static class Failing
    {
        [Function("fails")]
        public static async Task<IActionResult> FailAsync([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            await Task.Yield();
            throw new InvalidOperationException("broken");
        }
    }

    public sealed class Gate
    {
        public TaskCompletionSource Entered { get; } = new();

        public TaskCompletionSource Open { get; } = new();
    }

    public sealed class Waiting(Gate gate)
    {
        [Function("Waits")]
        public async Task<IResult> WaitAsync([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            gate.Entered.SetResult();
            await gate.Open.Task;
            return TypedResults.Text("done");
        }
    }
}
