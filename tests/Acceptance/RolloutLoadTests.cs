using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Modeldrop.Tests.Acceptance;

/// <summary>
/// Load on a champion while another version is repeatedly promoted through all steps and rolled back. Callers see no difference except the
/// version.
/// </summary>
public sealed class RolloutLoadTests(ITestOutputHelper output) : AcceptanceTest
{
    private const string Manifest = """{ "promotion": { "mode": "off", "gate": { "maxOutputShift": 1, "minRequests": 50 } } }""";

    /// <summary>Quantile of the normal distribution for 99.9 % of the values.</summary>
    private const double Quantile = 3.2905;

    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("MODELDROP_LOAD_ROUNDS"), out int given)
        ? given
        : 2;

    /// <summary>Processes follow by themselves; answers until then belong to no step.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(1);

    private readonly List<AppProcess> _hosts = [];
    private readonly List<TimeSpan> _follows = [];

    [Fact]
    public async Task Champion_UnderLoad_IsPromotedInStepsAndRolledBack()
    {
        _hosts.Add(await StartAppAsync());
        _hosts.Add(await StartAppAsync());
        await Client.DropSampleAsync("penguins/1", "penguins", "1", Encoding.UTF8.GetBytes(Manifest));
        await Client.DropSampleAsync("penguins/2", "penguins", "2", Encoding.UTF8.GetBytes(Manifest));
        await Client.WaitAsync(
            "api/models/penguins/versions",
            answer => answer.GetProperty("versions").EnumerateArray()
                .Count(version => version.GetProperty("status").GetString() == "validated") == 2);
        await EndAsync(await AskAsync("promote", """{ "version": 1 }"""));
        await ServeAsync(1);

        await using (var load = new RolloutLoad(_hosts, "penguins", HostileDropTests.PenguinRequest))
        {
            for (int round = 0; round < Rounds; round++)
            {
                await PromoteAsync(load, round);
                await RollBackAsync(load);
            }

            Assert.Empty(load.Answers.Where(answer => answer.Failure is not null).Take(5));
            Assert.All(load.Answers, answer => Assert.InRange(answer.Version, 1, 2));
            output.WriteLine(
                $"{load.Answers.Count:N0} requests over {Rounds} rounds, none failed. Two processes followed {_follows.Count} moves of "
                    + $"the champion within {_follows.Max().TotalSeconds:0.00} s.");
        }
    }

    private async Task PromoteAsync(RolloutLoad load, int round)
    {
        string operation = await AskAsync("promote", """{ "version": 2, "steps": [10, 50, 100], "bakeMinutes": 0.2 }""");
        Dictionary<int, (DateTimeOffset First, DateTimeOffset Last)> steps = [];
        JsonElement ended = await Client.WaitAsync($"api/operations/{operation}", answer =>
        {
            if (answer.TryGetProperty("rollout", out JsonElement rollout)
                    && rollout.TryGetProperty("percent", out JsonElement shown)
                    && shown.TryGetInt32(out int percent))
            {
                DateTimeOffset now = TimeProvider.System.GetUtcNow();
                steps[percent] = (steps.TryGetValue(percent, out (DateTimeOffset First, DateTimeOffset Last) seen) ? seen.First : now, now);
            }

            return answer.GetProperty("status").GetString() is not ("pending" or "running");
        });
        Assert.Equal("done", ended.GetProperty("outcome").GetString());
        foreach (int percent in (int[])[10, 50])
        {
            // An activity may begin shortly before its status is visible.
            AssertSplit(load, round, percent, steps[percent].First + Settling, steps[percent].Last - Lag);
        }

        await ServeAsync(2);
        await NoteFollowAsync(load, 2);
    }

    private async Task RollBackAsync(RolloutLoad load)
    {
        await EndAsync(await AskAsync("rollback", """{ "reason": "a test" }"""));
        await ServeAsync(1);
        await NoteFollowAsync(load, 1);
    }

    private void AssertSplit(RolloutLoad load, int round, int percent, DateTimeOffset from, DateTimeOffset to)
    {
        LoadAnswer[] answers = [.. load.Answers.Where(answer => answer.SentAt >= from && answer.SentAt < to)];
        double expected = answers.Length * percent / 100.0;
        double allowed = Quantile * Math.Sqrt(expected * (1 - (percent / 100.0)));
        int taken = answers.Count(answer => answer.Version == 2);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Round {round + 1}, {percent} %: {taken} of {answers.Length}, {expected:0.0} ± {allowed:0.0} expected."));
        Assert.InRange(answers.Length, 100, int.MaxValue);
        Assert.InRange(taken, expected - allowed, expected + allowed);
    }

    /// <summary>Records how long the previous version still answered after the registry had the new one.</summary>
    private async Task NoteFollowAsync(RolloutLoad load, int version)
    {
        JsonElement history = await Client.WaitAsync("api/models/penguins/aliases/champion/history", _ => true);
        DateTimeOffset moved = history.GetProperty("moves").EnumerateArray().Last().GetProperty("at").GetDateTimeOffset();
        _follows.AddRange(Enumerable.Range(0, _hosts.Count).Select(host => load.FollowedWithin(host, moved, version)));
    }

    /// <summary>Waits until every process answers with the version.</summary>
    private async Task ServeAsync(int version)
    {
        foreach (AppProcess host in _hosts)
        {
            await new AppClient(ConnectionString, () => host.Http).ScoreByAsync("penguins", $"{version}", HostileDropTests.PenguinRequest);
        }
    }

    private async Task<string> AskAsync(string what, string body)
    {
        (int status, JsonElement answer) = await Client.SendAsync(HttpMethod.Post, $"api/models/penguins/{what}", body);
        Assert.True(status == 202, $"{status} {answer}");
        return answer.GetProperty("operation").GetString()!;
    }

    private Task<JsonElement> EndAsync(string operation) =>
        Client.WaitAsync($"api/operations/{operation}", answer => answer.GetProperty("status").GetString() == "completed");
}
