using System.Text.Json;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.Tests.Acceptance;

/// <summary>
/// Models and requests that need more memory or time than an instance of 2 GiB has: each is refused, and the process continues.
/// </summary>
public sealed class HungryRequestTests : AcceptanceTest
{
    private const int Mebibyte = 1 << 20;
    private const long Endless = 9_000_000_000_000_000_000;

    [Fact]
    public async Task Requests_ThatNeedTooMuchMemoryOrTime_AreRefusedAndOthersContinue()
    {
        AppProcess app = await StartAppAsync(
            ("Scoring__MaxSessionBytes", $"{576 * Mebibyte}"),
            ("Scoring__MaxRunBytes", $"{384 * Mebibyte}"),
            ("Scoring__MaxInFlightBytes", $"{288 * Mebibyte}"),
            ("Scoring__DrainTime", "00:00:01"));
        await Client.UploadAsync("api/models/sums/versions", OnnxBuilder.Zeros(isSummed: true));
        await Client.UploadAsync("api/models/zeros/versions", OnnxBuilder.Zeros(isSummed: false));
        await Client.UploadAsync("api/models/loop/versions", OnnxBuilder.Loop());
        (_, JsonElement constant) = await Client.UploadAsync("api/models/constant/versions", OnnxBuilder.ConstantZeros(800_000_000));
        foreach (string model in (string[])["sums", "zeros", "loop"])
        {
            await Client.WaitForChampionAsync(model, version: 1);
        }

        JsonElement refused = await Client.WaitAsync(
            constant.GetProperty("location").GetString()!, operation => operation.GetProperty("status").GetString() == "completed");
        Assert.Contains("memory", refused.GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
        await Client.WaitForStatusAsync("v2/models/sums/infer", Zeros(1), 200);

        int[] large = await AskAsync("sums", Zeros(750_000_000), 8);
        int[] some = await AskAsync("sums", Zeros(75_000_000), 8);
        int[] answers = await AskAsync("zeros", Zeros(60_000_000), 8);
        int[] bodies = await AskAsync("sums", Zeros(1) + new string(' ', 93 * Mebibyte), 4);
        int[] small = await AskAsync("sums", Zeros(1), 8);

        Assert.All(large.Concat(answers), status => Assert.Equal(503, status));
        Assert.All(some.Concat(bodies), status => Assert.True(status is 200 or 503, $"{status}"));
        Assert.All(small, status => Assert.Equal(200, status));
        Assert.False(app.HasExited, app.Output);
        Assert.DoesNotContain("Unexpected error", app.Output, StringComparison.Ordinal);
        Assert.InRange(app.PeakMemory, 1, 1536L * Mebibyte);
        await app.WaitForMemoryAsync(512L * Mebibyte);

        Task<int[]> endless = AskAsync("loop", Turns(Endless), Environment.ProcessorCount + 1);
        await Client.WaitForStatusAsync("v2/models/sums/infer", Zeros(1), 200);
        await app.StopAsync();
        Assert.All(await endless, status => Assert.Equal(503, status));
    }

    private async Task<int[]> AskAsync(string model, string request, int times) =>
        await Task.WhenAll(Enumerable.Range(0, times).Select(async _ =>
        (await Client.SendAsync(HttpMethod.Post, $"v2/models/{model}/infer", request)).Status));

    private static string Zeros(long count) => $$$"""{"inputs":[{"name":"k","shape":[1],"datatype":"INT64","data":[{{{count}}}]}]}""";

    private static string Turns(long count) => $$"""
        {"inputs":[{"name":"k","shape":[1],"datatype":"INT64","data":[{{count}}]},{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}
        """;
}
