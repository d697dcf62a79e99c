using System.Runtime.InteropServices;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Replay;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Metrics;
using Modeldrop.Names;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Lifecycle.Replay;

/// <summary>The replay gate with real models, the real child process and the real log.</summary>
public sealed class ReplayServiceTests(AzuriteFixture azurite)
{
    private const string AtMostFivePercent = """{ "label": "late", "validation": { "maxDisagreement": 0.05 } }""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replay_TheSameModel_IsFaithfulAndAgrees()
    {
        using ReplayWorld world = await ReplayWorld.StartAsync(azurite, new ReplayOptions { BlockRecords = 100, MaxRecords = 350 });
        await world.LogAsync(400);
        VersionInput candidate = await world.RegisterAsync("flights/1", AtMostFivePercent);

        ReplayPlan plan = (await world.Service.PlanAsync(candidate, Token))!;
        ValidationResult result = await world.ReplayAsync(candidate);

        Assert.Equal((1, 350), (plan.Champion, plan.Records));
        Assert.InRange(plan.Blocks, 2, 4);
        Assert.Empty(result.Reasons);
        ValidationReport report = await world.ReportAsync(candidate);
        Assert.Equal(CheckVerdict.Passed, Check(report, "replay.faithful").Verdict);
        Assert.Equal(CheckVerdict.Passed, Check(report, "replay.answers").Verdict);
        ValidationCheck disagreement = Check(report, "replay.disagreement");
        Assert.Equal((CheckVerdict.Passed, 0.05), (disagreement.Verdict, disagreement.Threshold!.Value));
        Assert.Equal(ClopperPearson.Upper(0, 350), disagreement.Figure);
        Assert.Equal((350, 350, 0), (report.Replay!.Records, report.Replay.Rows, report.Replay.Disagreements));
        Assert.InRange(report.Replay.Transactions, 2, 40);
        Assert.True(report.IsValid);
    }

    [Fact]
    public async Task Replay_ModelThatDisagreesBeyondTheBound_IsRefused()
    {
        using ReplayWorld world = await ReplayWorld.StartAsync(azurite);
        await world.LogAsync(400);
        VersionInput candidate = await world.RegisterAsync("flights/2", """{ "label": "late", "validation": { "maxDisagreement": 0.01 } }""");

        ValidationResult result = await world.ReplayAsync(candidate);

        string reason = result.Reasons[0];
        Assert.All(result.Reasons.Skip(1), one => Assert.StartsWith("For example prediction ", one, StringComparison.Ordinal));
        Assert.Contains("1 % is allowed", reason, StringComparison.Ordinal);
        ValidationReport report = await world.ReportAsync(candidate);
        Assert.False(report.IsValid);
        Assert.Contains(reason, report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_LogTamperedWith_HasNoVerdictAndReportsIt()
    {
        using ReplayWorld world = await ReplayWorld.StartAsync(azurite);
        await world.LogAsync(150, alter: FlipLowestBit);
        VersionInput candidate = await world.RegisterAsync("flights/1", AtMostFivePercent);

        ValidationResult result = await world.ReplayAsync(candidate);

        Assert.StartsWith(
            "The log or the environment is not faithful: the champion (version 1) now answers 150 of 150 logged records with different",
            result.Reasons[0], StringComparison.Ordinal);
        Assert.Equal(CheckVerdict.Noted, Check(await world.ReportAsync(candidate), "replay.disagreement").Verdict);
    }

    [Fact]
    public async Task Replay_WithoutLog_IsSkipped()
    {
        using ReplayWorld world = await ReplayWorld.StartAsync(azurite);
        VersionInput candidate = await world.RegisterAsync("flights/2", AtMostFivePercent);

        Assert.Empty((await world.ReplayAsync(candidate)).Reasons);

        ValidationCheck check = Check(await world.ReportAsync(candidate), "replay.disagreement");
        Assert.Equal(
            (CheckVerdict.Skipped, "The log has no record of the champion (version 1) from the last 30 days to score again."),
            (check.Verdict, check.Explanation));
    }

    [Fact]
    public async Task Replay_Repeated_GivesTheSameResult()
    {
        using ReplayWorld world = await ReplayWorld.StartAsync(azurite);
        await world.LogAsync(120);
        VersionInput candidate = await world.RegisterAsync("flights/2", AtMostFivePercent);
        await world.ReplayAsync(candidate);
        ValidationReport first = await world.ReportAsync(candidate);

        // Records logged after the plan do not affect a repetition.
        await world.LogAsync(50);
        await world.ReplayAsync(candidate);

        ValidationReport second = await world.ReportAsync(candidate);
        Assert.Equal(120, second.Replay!.Records);
        Assert.Equal(
            first.Checks.Select(check => (check.Name, check.Explanation)), second.Checks.Select(check => (check.Name, check.Explanation)));
    }

    [Fact]
    public async Task Plan_ForAFirstVersion_IsEmpty()
    {
        using ReplayWorld world = await ReplayWorld.StartAsync(azurite);

        Assert.Null(await world.Service.PlanAsync(new VersionInput(Ids.Operation("op-9"), ModelName.Parse("flights"), 1, "ann"), Token));
    }

    private static Tensor FlipLowestBit(Tensor output)
    {
        if (output.Datatype != Datatype.Fp32)
        {
            return output;
        }

        int[] bits = [.. MemoryMarshal.Cast<byte, int>(output.Data.Span)];
        bits[0] ^= 1;
        return Tensor.OfBytes(output.Name, output.Datatype, output.Shape, MemoryMarshal.AsBytes(bits.AsSpan()).ToArray());
    }

    private static ValidationCheck Check(ValidationReport report, string name) => report.Checks.Single(check => check.Name == name);
}
