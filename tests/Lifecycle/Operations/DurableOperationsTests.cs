using Microsoft.DurableTask;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Functions.Lifecycle.Registration;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Tests.Standalone.Durable;

namespace Modeldrop.Tests.Lifecycle.Operations;

/// <summary>A drop that the route and the blob trigger announce at the same time is one operation, and no caller gets an error.</summary>
public sealed class DurableOperationsTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Start_ByManyAtOnce_StartsOneOperation()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        await using DurableHost host = await DurableHost.StartAsync(azurite, [typeof(Waiting)]);
        var input = new RegisterInput("flights/model.onnx", "0x8D", "anna");

        for (int round = 0; round < 5; round++)
        {
            RegisterInput drop = input with { ETag = $"0x{round}" };
            await Task.WhenAll(
                Enumerable.Range(0, 8).Select(_ => new DurableOperations(host.Client).StartAsync(drop.Id, drop, token)));

            Assert.NotNull(await host.Client.GetInstanceAsync(drop.Id.ToString(), token));
            Assert.Equal(
                round + 1, await host.Client.GetAllInstancesAsync(new Microsoft.DurableTask.Client.OrchestrationQuery()).CountAsync(token));
        }
    }

    public static class Waiting
    {
        [Microsoft.Azure.Functions.Worker.Function(nameof(RegisterOrchestration))]
        public static Task<int> RunAsync([Microsoft.Azure.Functions.Worker.OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.WaitForExternalEvent<int>("go");
    }
}
