using Modeldrop.Metrics;
using Modeldrop.Metrics.Estimation;

namespace Modeldrop.Tests.Metrics.Estimation;

/// <summary>By the formulas with numpy's inv and cov and scipy's t.</summary>
public sealed class LabelShiftTests
{
    [Fact]
    public void Estimate_TwoClasses_EqualsNumpy()
    {
        (int[] truth, double[] scores) = Sample(300, 5);
        double[] now = [.. Sample(200, 9).Scores.Select((score, row) => row % 3 == 0 ? Math.Sqrt(score) : score)];

        IReadOnlyList<ShiftedClass> classes = Estimate(Two(scores, truth), Two(now, null));

        AssertEqual(classes, [
            [0.48496512787404134, 0.515034872125959],
            [0.22009448606394022, 0.2501642303158578],
            [0.7498357696841425, 0.7799055139360602],
            [0.7133333333333334, 0.2866666666666667],
            [0.08974030259834892, 0.08974030259834861],
        ]);
    }

    [Fact]
    public void Estimate_ThreeClasses_EqualsNumpy()
    {
        int[] truth = [.. Enumerable.Range(0, 240).Select(row => row % 3)];
        double[] before = [.. truth.SelectMany((one, row) => Normalised(
            (row * 7 % 11) + 1 + (one == 0 ? 6 : 0), (row * 5 % 13) + 1 + (one == 1 ? 6 : 0), (row * 3 % 7) + 1 + (one == 2 ? 6 : 0)))];
        double[] now = [.. Enumerable.Range(0, 150).SelectMany(row => Normalised(
            (row * 4 % 11) + 1 + (row % 5 == 0 ? 6 : 0), (row * 9 % 13) + 1 + (row % 5 > 2 ? 6 : 0), (row * 2 % 7) + 1 + (row % 5 == 1 ? 6
                : 0)))];

        IReadOnlyList<ShiftedClass> classes = Estimate(
            new ClassifiedRows(before, truth, ["a", "b", "c"], null, truth), new ClassifiedRows(now, new int[150], ["a", "b", "c"], null,
                null));

        AssertEqual(classes, [
            [0.26482960510478926, 0.478367736231091, 0.2568026586641198],
            [0.15121622079926583, 0.3531861368118998, 0.15812686470005666],
            [0.3784429894103127, 0.6035493356502822, 0.3554784526281829],
            [0.3333333333333333, 0.3333333333333333, 0.3333333333333333],
            [0.2894682888570933, 0.040499924525399876, 0.1932358248006002],
        ]);
    }

    [Fact]
    public void Estimate_RareClassOrUninformativeScores_IsNullWithAReason()
    {
        (int[] truth, double[] scores) = Sample(300, 5);
        int[] rare = [.. truth.Select((_, row) => row < 9 ? 1 : 0)];
        ClassifiedRows same = Two([.. scores.Select(_ => 0.3)], truth);

        Assert.Contains("fewer than 10", LabelShift.Estimate(LabelShift.MomentsOf(Two(scores, rare))!, Two(scores, null)).Reason,
            StringComparison.Ordinal);
        Assert.Contains("do not distinguish", LabelShift.Estimate(LabelShift.MomentsOf(same)!, same).Reason, StringComparison.Ordinal);
    }

    private static void AssertEqual(IReadOnlyList<ShiftedClass> classes, double[][] expected)
    {
        Func<ShiftedClass, double>[] figures = [one => one.Share, one => one.Low, one => one.High, one => one.Before, one => one.PValue];
        foreach ((Func<ShiftedClass, double> figure, double[] values) in figures.Zip(expected))
        {
            Assert.All(classes.Zip(values), pair => Assert.Equal(pair.Second, figure(pair.First), 1e-9));
        }
    }

    private static IReadOnlyList<ShiftedClass> Estimate(ClassifiedRows before, ClassifiedRows now) =>
        LabelShift.Estimate(LabelShift.MomentsOf(before)!, now).Classes!;

    private static ClassifiedRows Two(double[] scores, int[]? truth) => new(
        [.. scores.SelectMany(score => new[] { 1 - score, score })], [.. scores.Select(score => score > 0.5 ? 1 : 0)], ["no", "yes"], 1,
            truth);

    private static (int[] Truth, double[] Scores) Sample(int rows, int seed)
    {
        int[] truth = [.. Enumerable.Range(0, rows).Select(row => row * seed % 7 < 2 ? 1 : 0)];
        return (truth, [.. truth.Select((one, row) => ((row * seed * 13 % 101) + 1) / 103.0)
            .Select((score, row) => truth[row] == 1 ? Math.Sqrt(score) : score * score)]);
    }

    private static double[] Normalised(params double[] values) => [.. values.Select(value => value / values.Sum())];
}
