using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Modeldrop.Tests.Standalone;

/// <summary>Durable functions declared as in an app, through discovery, middleware and engine.</summary>
public sealed class DurableFunctionTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Orchestration_StartedOverHttp_CallsActivitiesInsideTheMiddleware()
    {
        Dictionary<string, string?> settings = TestHost.Storage(azurite);
        settings["Durable:HubName"] = $"Hub{Guid.NewGuid():N}"[..20];
        var runs = new ConcurrentQueue<string>();
        await using TestHost host = await TestHost.StartAsync([typeof(Start), typeof(Greetings)], settings, configure: builder =>
        {
            builder.Services.AddSingleton(new Greeter("Hello"));
            builder.UseMiddleware((context, next) =>
            {
                runs.Enqueue($"{context.FunctionDefinition.Name} {context.FunctionDefinition.InputBindings.Values.First().Type}");
                return next();
            });
        });

        string instanceId = await host.Client.GetStringAsync("/start", Cancellation);
        var client = host.Services.GetRequiredService<DurableTaskClient>();
        OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(instanceId, getInputsAndOutputs: true, Cancellation);

        Assert.Equal(OrchestrationRuntimeStatus.Completed, done.RuntimeStatus);
        Assert.Equal(["Hello, Ada!", "Hello, Bob!"], done.ReadOutputAs<string[]>()!);
        Assert.Equal(2, runs.Count(run => run == "Greet activityTrigger"));
        Assert.Contains("GreetAll orchestrationTrigger", runs);
    }

    public static class Start
    {
        [Function("Start")]
        public static async Task<IResult> StartAsync(
            [HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request,
            [DurableClient] DurableTaskClient client,
            CancellationToken cancellationToken) =>
            TypedResults.Text(await client.ScheduleNewOrchestrationInstanceAsync("GreetAll", new Names(["Ada", "Bob"]), cancellationToken));
    }

    public sealed record Names(string[] All);

    public sealed record Greeter(string Word);

    public sealed class Greetings(Greeter greeter)
    {
        [Function("GreetAll")]
        public static async Task<string[]> GreetAllAsync([OrchestrationTrigger] TaskOrchestrationContext context, Names names) =>
            await Task.WhenAll(names.All.Select(name => context.CallActivityAsync<string>("Greet", name)));

        [Function("Greet")]
        public Task<string> GreetAsync([ActivityTrigger] string name, FunctionContext context, CancellationToken cancellationToken) =>
            Task.FromResult($"{greeter.Word}, {name}!");
    }
}
