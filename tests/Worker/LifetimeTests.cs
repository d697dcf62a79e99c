using System.Net;
using System.Text.Json;

namespace Modeldrop.Tests.Worker;

/// <summary>Separate workers, because these tests end them or their dependencies.</summary>
public sealed class LifetimeTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromMinutes(5);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_HostGone_Exits()
    {
        await using WorkerHost worker = await WorkerFixture.StartAsync(azurite.ConnectionString);

        await worker.StopAsync();

        await worker.Process.WaitForExitAsync(Cancellation).WaitAsync(EndTimeout, Cancellation);
    }

    [Fact]
    public async Task Worker_TerminatedByTheHost_Exits()
    {
        await using WorkerHost worker = await WorkerFixture.StartAsync(azurite.ConnectionString);

        worker.Terminate();

        await worker.Process.WaitForExitAsync(Cancellation).WaitAsync(EndTimeout, Cancellation);
    }

    [Fact]
    public async Task Worker_StorageGone_AnswersStoreUnavailableAndKeepsRunning()
    {
        var storage = new AzuriteFixture();
        await storage.InitializeAsync();
        await using WorkerHost worker = await WorkerFixture.StartAsync(storage.ConnectionString);
        await storage.DisposeAsync();

        using HttpResponseMessage models = await worker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/api/models"), Cancellation);
        using HttpResponseMessage live = await worker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/v2/health/live"), Cancellation);

        JsonElement problem = JsonElement.Parse(await models.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "storeUnavailable"), (models.StatusCode, problem.GetProperty("code").GetString()));
        Assert.Equal(TimeSpan.FromSeconds(1), models.Headers.RetryAfter?.Delta);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }
}
