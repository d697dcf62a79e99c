using Modeldrop.Lifecycle.Validation;
using Modeldrop.Probe;

namespace Modeldrop.Tests.Lifecycle.Validation;

public sealed class BehaviourChecksTests
{
    private static readonly ScoreFigures Good = new()
    {
        Rows = 100,
        IsDeterministic = true,
        IsDeterministicOverThreads = true,
        IsBatchInvariant = true,
        IsServedAsAlone = true,
        OddInputs = [
            new OddInput("'x' is NaN", null, IsNaN: true), new OddInput("'x' is 0", null, IsNaN: false),
            new OddInput("'s' is empty", "no such category", IsNaN: false)
        ],
    };

    [Fact]
    public void Of_AGoodModel_PassesAll()
    {
        IReadOnlyList<ValidationCheck> checks = BehaviourChecks.Of(Good);

        Assert.Equal(
            ["determinism", "threads", "batch_invariance", "serving", "numbers", "odd_inputs"], checks.Select(check => check.Name));
        Assert.All(checks, check => Assert.Equal(CheckVerdict.Passed, check.Verdict));
        Assert.Equal(
            "Of 3 odd inputs, 1 are answered, 1 with NaN, 1 are refused with an error; none harms the process.", checks[5].Explanation);
        Assert.Equal(["When 's' is empty: no such category", "When 'x' is NaN: the answer is NaN."], checks[5].Details);
    }

    [Fact]
    public void Of_RandomAnswersAndBatches_AreOnlyNoted()
    {
        IReadOnlyList<ValidationCheck> checks = BehaviourChecks.Of(
            Good with { IsDeterministic = false, IsDeterministicOverThreads = false, IsBatchInvariant = false });

        Assert.Equal([CheckVerdict.Noted, CheckVerdict.Skipped, CheckVerdict.Noted], checks.Take(3).Select(check => check.Verdict));
    }

    [Fact]
    public void Of_ThreadsThatInterfereAndNewNaNs_Fail()
    {
        IReadOnlyList<ValidationCheck> checks = BehaviourChecks.Of(Good with { IsDeterministicOverThreads = false, NaNRows = 3 });

        Assert.Equal(CheckVerdict.Failed, checks[1].Verdict);
        Assert.Equal(
            (CheckVerdict.Failed, "3 of 100 rows have no NaN but get NaN as an answer."), (checks[4].Verdict, checks[4].Explanation));
    }

    [Fact]
    public void Of_AnswersUnlikeOnnxRuntimes_Fails() =>
        Assert.Equal(
            ["serving"],
            BehaviourChecks.Of(Good with { IsServedAsAlone = false }).Where(check => check.Verdict == CheckVerdict.Failed)
                .Select(check => check.Name));

    [Fact]
    public void Of_NoRows_Skips() =>
        Assert.All(BehaviourChecks.Of(new ScoreFigures()), check => Assert.Equal(CheckVerdict.Skipped, check.Verdict));
}
