using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Modeldrop.Tests.Standalone;

public sealed class MiddlewareTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pipeline_ManyMiddleware_RunInOrderOfRegistration()
    {
        await using TestHost host = await TestHost.StartAsync([typeof(Functions)], configure: builder =>
        {
            builder.UseMiddleware<Counting>();
            builder.UseMiddleware(async (context, next) =>
            {
                context.Items["trail"] = $"{context.Items["trail"]} second";
                await next();
            });
            builder.UseWhen(context => context.FunctionDefinition.Name == "Other", async (context, next) =>
            {
                context.Items["trail"] = $"{context.Items["trail"]} other";
                await next();
            });
        });

        Assert.Equal("run 1 second", await host.Client.GetStringAsync("/trail", Cancellation));
        Assert.Equal("run 2 second other", await host.Client.GetStringAsync("/other", Cancellation));
    }

    [Fact]
    public async Task Middleware_FunctionThrows_CanAnswer()
    {
        await using TestHost host = await TestHost.StartAsync([typeof(Functions)], configure: builder => builder.UseMiddleware<Mending>());

        using HttpResponseMessage written = await host.Client.GetAsync("/throws", Cancellation);

        Assert.Equal((HttpStatusCode.BadGateway, "written"), (written.StatusCode, await written.Content.ReadAsStringAsync(Cancellation)));
    }

    [Fact]
    public async Task Context_HttpRun_KnowsItsFunction()
    {
        string? seen = null;
        await using TestHost host = await TestHost.StartAsync([typeof(Functions)], configure: builder =>
        {
            builder.Services.AddScoped<Scoped>();
            builder.UseMiddleware((context, next) =>
            {
                FunctionDefinition definition = context.FunctionDefinition;
                BindingMetadata trigger = Assert.Single(definition.InputBindings.Values);
                Assert.Same(context.GetHttpContext()!.RequestServices.GetService<Scoped>(), context.InstanceServices.GetService<Scoped>());
                seen =
                    $"{definition.Name} {trigger.Name} {trigger.Type} {trigger.Direction} {definition.EntryPoint} "
                        + $"{definition.Parameters.Length}";
                return next();
            });
        });

        await host.Client.GetStringAsync("/trail", Cancellation);

        Assert.Equal($"Trail request httpTrigger In {typeof(Functions).FullName}.Trail 2", seen);
    }

    /// <summary>
    /// The worker keeps the result in a feature that only the worker can create, so code that reads it would work in one program only.
    /// </summary>
    [Fact]
    public void Middleware_OfTheApp_DoesNotReadTheInvocationResult()
    {
        string[] readers =
        [
            .. Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "functions"), "*.cs", SearchOption.AllDirectories)
                .Where(file => File.ReadAllText(file).Contains("GetInvocationResult", StringComparison.Ordinal)),
        ];

        Assert.Empty(readers);
    }

    public static class Functions
    {
        [Function("Trail")]
        public static IResult Trail([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, FunctionContext context) =>
            TypedResults.Text($"{(context.Items.TryGetValue("trail", out object? trail) ? trail : "")}");

        [Function("Other")]
        public static IResult Other([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, FunctionContext context) =>
            Trail(request, context);

        [Function("Throws")]
        public static IResult Throw([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            throw new InvalidOperationException("broken");
    }

    public sealed class Scoped;

    public sealed class Counting : IFunctionsWorkerMiddleware
    {
        private int _runs;

        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            context.Items["trail"] = $"run {++_runs}";
            return next(context);
        }
    }

    public sealed class Mending : IFunctionsWorkerMiddleware
    {
        public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            try
            {
                await next(context);
            }
            catch (InvalidOperationException)
            {
                HttpContext http = context.GetHttpContext()!;
                http.Response.StatusCode = StatusCodes.Status502BadGateway;
                await http.Response.WriteAsync("written");
            }
        }
    }
}
