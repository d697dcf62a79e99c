using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Modeldrop.LocalHost;

namespace Modeldrop.Tests.LocalHost;

public sealed class HttpFunctionTests
{
    private const string NoPrefix = """{ "version": "2.0", "extensions": { "http": { "routePrefix": "" } } }""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/", 200, "home")]
    [InlineData("GET", "/v2/models/flights/versions/3", 200, "flights 3 Get")]
    [InlineData("POST", "/v2/models/flights/versions/3", 405, "")]
    [InlineData("GET", "/v2/models/flights", 405, "")]
    [InlineData("POST", "/v2/models/flights", 200, "posted flights")]
    [InlineData("GET", "/v2/models/flights/versions/latest", 404, "")]
    [InlineData("GET", "/typed/42/e4eaaaf2-d142-11e1-b3e4-080027620cdd/true/2.5/post", 200, "42 e4eaaaf2-d142-11e1-b3e4-080027620cdd True 2.5 Post")]
    [InlineData("GET", "/typed/x/e4eaaaf2-d142-11e1-b3e4-080027620cdd/true/2.5/post", 404, "")]
    [InlineData("GET", "/typed/42/e4eaaaf2-d142-11e1-b3e4-080027620cdd/true/2.5/9", 404, "")]
    [InlineData("GET", "/optional", 200, "none")]
    [InlineData("GET", "/optional/7", 200, "7")]
    [InlineData("GET", "/files/a/b%20c.txt", 200, "a/b c.txt")]
    [InlineData("DELETE", "/Anything", 200, "DELETE")]
    [InlineData("GET", "/nowhere", 404, "")]
    public async Task Request_RouteAndMethod_FindTheFunction(string method, string path, int status, string body)
    {
        await using TestHost host = await TestHost.StartAsync([typeof(Routes)], hostJson: NoPrefix);

        using HttpResponseMessage response = await host.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Cancellation);

        Assert.Equal((status, body), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation)));
    }

    [Theory]
    [InlineData(null, "/api/anything")]
    [InlineData("""{ "extensions": { "http": { "routePrefix": "my/prefix" } } } // comment""", "/my/prefix/anything")]
    public async Task Request_PrefixOfHostJson_IsPutBefore(string? hostJson, string path)
    {
        await using TestHost host = await TestHost.StartAsync([typeof(Anything)], hostJson: hostJson);

        Assert.Equal("GET", await host.Client.GetStringAsync(path, Cancellation));
    }

    [Fact]
    public async Task Result_EveryKind_IsWritten()
    {
        await using TestHost host = await TestHost.StartAsync([typeof(Results)]);

        Assert.Equal("""{"someName":"x","level":1}""", await host.Client.GetStringAsync("/api/action", Cancellation));
        Assert.Equal("typed", await host.Client.GetStringAsync("/api/typed", Cancellation));
        Assert.Equal("written", await host.Client.GetStringAsync("/api/written", Cancellation));
        Assert.Equal("value task", await host.Client.GetStringAsync("/api/valuetask", Cancellation));
        Assert.Equal("void", await host.Client.GetStringAsync("/api/void", Cancellation));
    }

    [Fact]
    public async Task Exception_Unhandled_Is500WithoutBodyAndLogged()
    {
        await using TestHost host = await TestHost.StartAsync([typeof(Failing)]);

        using HttpResponseMessage response = await host.Client.GetAsync("/api/fails", Cancellation);

        Assert.Equal((HttpStatusCode.InternalServerError, ""), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation)));
        string logged = Assert.Single(host.Log.Entries, entry => entry.Level == LogLevel.Error).Message;
        Assert.Contains("Function fails failed", logged, StringComparison.Ordinal);
        Assert.Contains("broken", logged, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_LargerThanTheLimit_Is413()
    {
        await using TestHost host = await TestHost.StartAsync([typeof(Failing)]);

        Assert.Equal("104857600", await host.Client.GetStringAsync("/api/limit", Cancellation));
        using HttpResponseMessage response = await host.Client.PostAsync("/api/reads", new ByteArrayContent(Encoding.ASCII.GetBytes("0123456789")), Cancellation);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData(null, null, "anonymous", null, 200)]
    [InlineData(null, null, "function", null, 200)]
    [InlineData(null, null, "admin", null, 200)]
    [InlineData("f", "a", "anonymous", null, 200)]
    [InlineData("f", "a", "function", null, 401)]
    [InlineData("f", "a", "function", "", 401)]
    [InlineData("f", "a", "function", "wrong", 401)]
    [InlineData("f", "a", "function", "f", 200)]
    [InlineData("f", "a", "function", "a", 200)]
    [InlineData("f", "a", "admin", "f", 401)]
    [InlineData("f", "a", "admin", "a", 200)]
    [InlineData("f", null, "admin", "f", 401)]
    [InlineData(null, "a", "function", null, 401)]
    [InlineData(null, "a", "function", "a", 200)]
    public async Task Keys_LevelAndKey_DecideTheStatus(string? functionKey, string? adminKey, string level, string? key, int status)
    {
        await using TestHost host = await TestHost.StartAsync(
            [typeof(Levels)], new() { ["Host:Keys:Function"] = functionKey, ["Host:Keys:Admin"] = adminKey });

        using HttpResponseMessage byQuery = await host.Client.GetAsync(key is null ? $"/api/{level}" : $"/api/{level}?code={key}", Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/{level}");
        request.Headers.TryAddWithoutValidation("x-functions-key", key is null ? [] : [key]);
        using HttpResponseMessage byHeader = await host.Client.SendAsync(request, Cancellation);

        Assert.Equal((status, status), ((int)byQuery.StatusCode, (int)byHeader.StatusCode));
        Assert.Equal(status == 401 ? "" : "in", await byQuery.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Stop_RequestInFlight_IsAnswered()
    {
        var gate = new Gate();
        TestHost host = await TestHost.StartAsync([typeof(Waiting)], configure: builder => builder.Services.AddSingleton(gate));
        Task<string> answer = host.Client.GetStringAsync("/api/waits", Cancellation);
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
        public static IActionResult Home([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "/")] HttpRequest request) => Text("home");

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

        [Function("Typed")]
        public static IActionResult Typed(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "typed/{number}/{guid}/{flag}/{real}/{verb}")] HttpRequest request,
            long number,
            Guid guid,
            bool flag,
            double real,
            Verb verb) => Text(FormattableString.Invariant($"{number} {guid} {flag} {real} {verb}"));

        [Function("Optional")]
        public static IActionResult Optional(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "optional/{number?}")] HttpRequest request,
            int? number) => Text(number?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none");

        [Function("Files")]
        public static IActionResult Files(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "files/{*path}")] HttpRequest request,
            string path) => Text(path);

        [Function("Anything")]
        public static IActionResult Any([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Text(request.Method);

        private static ContentResult Text(string text) => new ContentResult { Content = text };
    }

    public enum Verb
    {
        Get,
        Post,
    }

    public static class Anything
    {
        [Function("Anything")]
        public static IResult Any([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => TypedResults.Text(request.Method);
    }

    public static class Results
    {
        [Function("Action")]
        public static IActionResult Action([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => new OkObjectResult(new { SomeName = "x", Level = Verb.Post });

        [Function("Typed")]
        public static Task<IResult> TypedAsync([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Task.FromResult<IResult>(TypedResults.Text("typed"));

        [Function("Written")]
        public static async Task WrittenAsync([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => await request.HttpContext.Response.WriteAsync("written");

        [Function("ValueTask")]
        public static ValueTask<IResult> ValueTaskAsync([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => new(TypedResults.Text("value task"));

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

        [Function("limit")]
        public static IResult Limit([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            TypedResults.Text($"{request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize}");

        [Function("reads")]
        public static async Task<IResult> ReadAsync([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            // The real limit would take 100 MiB to reach.
            request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = 5;
            using var reader = new StreamReader(request.Body);
            return TypedResults.Text(await reader.ReadToEndAsync());
        }
    }

    public static class Levels
    {
        [Function("Anonymous")]
        public static IResult Anonymous([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => TypedResults.Text("in");

        [Function("Function")]
        public static IResult Function([HttpTrigger(AuthorizationLevel.Function)] HttpRequest request) => TypedResults.Text("in");

        [Function("Admin")]
        public static IResult Admin([HttpTrigger(AuthorizationLevel.Admin)] HttpRequest request) => TypedResults.Text("in");
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
