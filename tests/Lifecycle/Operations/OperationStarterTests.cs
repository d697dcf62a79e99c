using Microsoft.DurableTask;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Functions.Lifecycle.Registration;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Tests.Standalone.Durable;

namespace Modeldrop.Tests.Lifecycle.Operations;

/// <summary>A drop that the route and the blob trigger announce at the same moment is one operation, and no caller gets an error.</summary>
public sealed class OperationStarterTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task StartRegister_ByManyAtOnce_IsOneOperation()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        await using DurableHost host = await DurableHost.StartAsync(azurite, [typeof(Waiting)]);
        var input = new RegisterInput("flights/model.onnx", "0x8D", "anna");

        for (int round = 0; round < 5; round++)
        {
            RegisterInput drop = input with { ETag = $"0x{round}" };
            string[] ids = await Task.WhenAll(
                Enumerable.Range(0, 8).Select(_ => new OperationStarter().StartRegisterAsync(host.Client, drop, token)));

            Assert.Single(ids.Distinct());
            Assert.NotNull(await host.Client.GetInstanceAsync(ids[0], token));
        }
    }

    public static class Waiting
    {
        [Microsoft.Azure.Functions.Worker.Function(nameof(RegisterOrchestration))]
        public static Task<int> RunAsync([Microsoft.Azure.Functions.Worker.OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.WaitForExternalEvent<int>("go");
    }
}
