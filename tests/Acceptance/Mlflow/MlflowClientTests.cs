using System.Diagnostics;
using Modeldrop.Tests.Infra;
using Modeldrop.Tests.OpenApi;

namespace Modeldrop.Tests.Acceptance.Mlflow;

/// <summary>The call sequences of MLflow's client, sent by a script to the running app.</summary>
public sealed class MlflowClientTests : AcceptanceTest
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_TypicalCalls_RegisterLoadAndFindModels()
    {
        AppProcess app = await StartAppAsync();
        await Client.DropSampleAsync("iris", "iris", "1");
        await Client.WaitForChampionAsync("iris", 1);
        await using AnswerProxy proxy = await AnswerProxy.StartAsync(app.Http.BaseAddress!);
        var start = new ProcessStartInfo("python3", [
            RepositoryText.PathOf("tests/Acceptance/Mlflow/mlflow_client.py"), $"{proxy.Address}",
            RepositoryFiles.Sample("flights", "1"), "iris"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process client = Process.Start(start)!;
        Task<string> errors = client.StandardError.ReadToEndAsync(Cancellation);
        string run = (await client.StandardOutput.ReadToEndAsync(Cancellation)).Trim();
        await client.WaitForExitAsync(Cancellation);

        Assert.True(client.ExitCode == 0, await errors);
        Assert.Empty(proxy.Violations);
        Assert.True(AnswerCheck.CheckedRequests >= 60, $"{AnswerCheck.CheckedRequests} requests were checked.");
        Assert.True(proxy.Seen.Count >= 45, $"{proxy.Seen.Count} routes have answered.");

        // The pages of the run and of its version show the logged values.
        string page = await Client.ReadPageAsync($"console/runs/{run}");
        Assert.Contains("late flights", await Client.ReadPageAsync("console/runs"), StringComparison.Ordinal);
        Assert.Contains("flights-mlf, version 1", page, StringComparison.Ordinal);
        Assert.Contains("depth", page, StringComparison.Ordinal);
        string version = await Client.ReadPageAsync("console/models/flights-mlf/versions/1");
        Assert.Contains($"/console/runs/{run}", version, StringComparison.Ordinal);
        Assert.Contains("auc", version, StringComparison.Ordinal);
    }
}
