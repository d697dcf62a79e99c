using Modeldrop.Lifecycle.Drills;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Lifecycle.Drills;

/// <summary>Changes of counts by bin.</summary>
public sealed class DrillChangesTests
{
    private static readonly ReferenceFeature Evenly = new()
    {
        Feature = new Feature("x", false, "x", 0, 1),
        Kind = FeatureKind.Numeric,
        Edges = [0, 10, 20, 30],
        Center = 0,
        Quantum = 1,
        // Ten values at 5 and ten at 25: a deviation of 10.
        Counts = new FeatureCounts { Bins = [0, 10, 0, 10, 0], Finite = 20, Sum = 300, SumOfSquares = 6_500, Min = 0, Max = 30 },
    };

    private static readonly ReferenceFeature Names = ReferenceProfiler.Build(
        [Tensor.OfStrings("c", [4, 1], ["a", "a", "a", "b"])], []).Features[0];

    [Fact]
    public void Apply_Shift_MovesValuesAcrossEdges()
    {
        FeatureCounts moved = DrillChanges.Apply(DrillChange.Shift, Evenly, Counts(0, 100, 40, 60, 0));
        Assert.Equal([0, 50, 70, 50, 30], moved.Bins);
        Assert.Equal((5.0, 35.0), (moved.Min, moved.Max));
    }

    [Fact]
    public void Apply_Unit_MovesValuesOutOfTheRange()
    {
        // A thousandth of 0 to 10 stays below 10.
        FeatureCounts moved = DrillChanges.Apply(DrillChange.Unit, Evenly, Counts(0, 1000, 40, 60, 0));
        Assert.Equal([0, 1, 1, 1, 1097], moved.Bins);
    }

    [Fact]
    public void Apply_Stuck_SetsTheMiddleOrTheMostFrequentValue()
    {
        FeatureCounts stuck = DrillChanges.Apply(DrillChange.Stuck, Evenly, Counts(0, 100, 40, 60, 0));
        Assert.Equal([0, 200, 0, 0, 0], stuck.Bins);
        Assert.Equal([6, 0, 0, 0], DrillChanges.Apply(DrillChange.Stuck, Names, Counts(2, 3, 0, 1)).Bins);
    }

    [Fact]
    public void Apply_MissingAndNew_ReplaceValues()
    {
        FeatureCounts missing = DrillChanges.Apply(DrillChange.Missing, Names, Counts(20, 10, 0, 0));
        Assert.Equal((0L, 30L), (missing.Total(), missing.Missing));
        Assert.Equal([16, 8, 0, 6], DrillChanges.Apply(DrillChange.NewCategory, Names, Counts(20, 10, 0, 0)).Bins);
        Assert.Equal(
            [DrillChange.Missing, DrillChange.Stuck, DrillChange.NewCategory],
            Enum.GetValues<DrillChange>().Where(change => DrillChanges.Fits(change, Names)));
    }

    [Fact]
    public void Median_OfStreams_IncludesThoseWithoutDetection()
    {
        Assert.Equal(new Delays(3, 7), Delays.Of([7, null, 2, 9]));
        Assert.Equal(new Delays(1, null), Delays.Of([null, null, 2]));
        Assert.Equal(new Delays(0, null), Delays.Of([]));
    }

    private static FeatureCounts Counts(params long[] bins) => new() { Bins = bins, Min = 0, Max = 30, Finite = bins.Sum() };
}
