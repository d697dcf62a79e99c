using Modeldrop.Functions.Lifecycle;
using Modeldrop.Functions.Lifecycle.Register;
using Modeldrop.Lifecycle;
using Modeldrop.Tests.LocalHost.Durable;

namespace Modeldrop.Tests.Lifecycle;

/// <summary>A drop that the route and the blob trigger announce at the same moment is one operation, and nobody gets an error.</summary>
public sealed class OperationStarterTests(AzuriteFixture azurite)
{
    private static readonly TestFunctions Functions = new TestFunctions()
        .Orchestrator(nameof(RegisterOrchestrationV2), async context => await context.WaitForExternalEvent<int>("go"));

    [Fact]
    public async Task StartRegister_ByManyAtOnce_IsOneOperation()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        await using TestHost host = await TestHost.StartAsync(azurite, Functions);
        var input = new RegisterInput("flights/model.onnx", "0x8D", "anna");

        for (int round = 0; round < 10; round++)
        {
            RegisterInput drop = input with { ETag = $"0x{round}" };
            string[] ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => new OperationStarter().StartRegisterAsync(host.Client, drop, token)));

            Assert.Single(ids.Distinct());
            Assert.NotNull(await host.Client.GetInstanceAsync(ids[0], token));
        }
    }
}
