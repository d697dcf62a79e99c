using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Modeldrop.LocalHost;

namespace Modeldrop.Tests.LocalHost;

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

        Assert.Equal("run 1 second", await host.Client.GetStringAsync("/api/trail", Cancellation));
        Assert.Equal("run 2 second other", await host.Client.GetStringAsync("/api/other", Cancellation));
    }

    [Fact]
    public async Task Middleware_FunctionThrows_MayAnswer()
    {
        await using TestHost host = await TestHost.StartAsync([typeof(Functions)], configure: builder => builder.UseMiddleware<Mending>());

        using HttpResponseMessage replaced = await host.Client.GetAsync("/api/throws?by=result", Cancellation);
        using HttpResponseMessage written = await host.Client.GetAsync("/api/throws?by=response", Cancellation);

        Assert.Equal((HttpStatusCode.Conflict, "broken"), (replaced.StatusCode, await replaced.Content.ReadAsStringAsync(Cancellation)));
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
                seen = $"{definition.Name} {trigger.Name} {trigger.Type} {trigger.Direction} {definition.EntryPoint} {definition.Parameters.Length}";
                return next();
            });
        });

        await host.Client.GetStringAsync("/api/trail", Cancellation);

        Assert.Equal($"Trail request httpTrigger In {typeof(Functions).FullName}.Trail 2", seen);
    }

    public static class Functions
    {
        [Function("Trail")]
        public static IResult Trail([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, FunctionContext context) =>
            TypedResults.Text($"{(context.Items.TryGetValue("trail", out object? trail) ? trail : "")}");

        [Function("Other")]
        public static IResult Other([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, FunctionContext context) => Trail(request, context);

        [Function("Throws")]
        public static IResult Throw([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => throw new InvalidOperationException("broken");
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
            catch (InvalidOperationException exception)
            {
                HttpContext http = context.GetHttpContext()!;
                if (http.Request.Query["by"] == "result")
                {
                    context.GetInvocationResult().Value = new ContentResult { StatusCode = 409, Content = exception.Message };
                    return;
                }

                http.Response.StatusCode = StatusCodes.Status502BadGateway;
                await http.Response.WriteAsync("written");
            }
        }
    }
}
