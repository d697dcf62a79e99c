using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Metrics;

namespace Modeldrop.Tests.Lifecycle.Validation;

public sealed class MetricChecksTests
{
    [Theory]
    [
        InlineData(
            "roc_auc", 0.491941, 0.633, 0.01, CheckVerdict.Failed,
            "roc_auc 0.4919 is 0.1411 below the champion's 0.6330 (version 2) on the same 8,000 rows; at most 0.01 is allowed.")]
    [
        InlineData(
            "roc_auc", 0.6251, 0.633, 0.01, CheckVerdict.Passed,
            "roc_auc 0.6251 is 0.0079 below the champion's 0.6330 (version 2) on the same 8,000 rows; at most 0.01 is allowed.")]
    [
        InlineData(
            "roc_auc", 0.7, 0.6, 0, CheckVerdict.Passed,
            "roc_auc 0.7000 is 0.1000 above the champion's 0.6000 (version 2) on the same 8,000 rows, which is better.")]
    [
        InlineData(
            "log_loss", 0.41, 0.4, 0.001, CheckVerdict.Failed,
            "log_loss 0.4100 is 0.0100 above the champion's 0.4000 (version 2) on the same 8,000 rows; at most 0.001 is allowed.")]
    [
        InlineData(
            "log_loss", 0.39, 0.4, 0, CheckVerdict.Passed,
            "log_loss 0.3900 is 0.0100 below the champion's 0.4000 (version 2) on the same 8,000 rows, which is better.")]
    [
        InlineData(
            "rmse", 2, 2, 0, CheckVerdict.Passed, "rmse 2.0000 is the same as the champion's 2.0000 (version 2) on the same 8,000 rows.")]
    [
        InlineData(
            "accuracy", 0.79, 0.8, 0.01, CheckVerdict.Passed,
            "accuracy 0.7900 is 0.0100 below the champion's 0.8000 (version 2) on the same 8,000 rows; at most 0.01 is allowed.")]
    [
        InlineData(
            "accuracy", 0.50001, 0.50003, 0.00001, CheckVerdict.Failed,
            "accuracy 0.50001 is 0.00002 below the champion's 0.50003 (version 2) on the same 8,000 rows; at most 0.00001 is allowed.")]
    public void Evaluate_AgainstChampion_UsesTheDirectionOfTheMetric(
        string metric, double value, double champion, double allowed, CheckVerdict verdict, string explanation)
    {
        ValidationCheck check = Assert.Single(Evaluate(metric, new MetricBounds(MaxDropFromChampion: allowed), value, champion));

        Assert.Equal((verdict, explanation), (check.Verdict, check.Explanation));
        Assert.Equal($"metric.{metric}.champion", check.Name);
        Assert.Equal(value, check.Figure);
    }

    [Theory]
    [
        InlineData(
            0.60, -0.05, 0.02, CheckVerdict.Passed,
            "roc_auc 0.6000 is 0.0300 below the champion's 0.6300 (version 2) on the same 8,000 rows (difference -0.0500 to +0.0200 at "
                + "95 % each), which is within the noise of these rows.")]
    [
        InlineData(
            0.60, -0.04, -0.02, CheckVerdict.Failed,
            "roc_auc 0.6000 is 0.0300 below the champion's 0.6300 (version 2) on the same 8,000 rows (difference -0.0400 to -0.0200 at "
                + "95 % each); at most 0.01 is allowed.")]
    [
        InlineData(
            0.64, -0.01, 0.03, CheckVerdict.Passed,
            "roc_auc 0.6400 is 0.0100 above the champion's 0.6300 (version 2) on the same 8,000 rows (difference -0.0100 to +0.0300 at "
                + "95 % each), which is within the noise of these rows.")]
    [
        InlineData(
            0.64, 0.005, 0.015, CheckVerdict.Passed,
            "roc_auc 0.6400 is 0.0100 above the champion's 0.6300 (version 2) on the same 8,000 rows (difference +0.0050 to +0.0150 at "
                + "95 % each), which is better.")]
    public void Evaluate_WithAnIntervalOfTheDifference_DistinguishesNoiseFromDropAndGain(
        double value, double low, double high, CheckVerdict verdict, string explanation)
    {
        ValidationCheck check = Assert.Single(MetricChecks.Evaluate(
            Policy("roc_auc", new MetricBounds(MaxDropFromChampion: 0.01)), Metrics("roc_auc", value), Metrics("roc_auc", 0.63), 2,
            new Dictionary<string, MetricInterval> { ["roc_auc"] = new(low, high) }));

        Assert.Equal((verdict, explanation), (check.Verdict, check.Explanation));
    }

    [Fact]
    public void Evaluate_MinAndMax_AreSeparateChecks()
    {
        IReadOnlyList<ValidationCheck> checks = Evaluate("mae", new MetricBounds(Min: 1, Max: 2), 2.5, null);

        Assert.Equal(
            [("metric.mae.min", CheckVerdict.Passed), ("metric.mae.max", CheckVerdict.Failed)],
            checks.Select(check => (check.Name, check.Verdict)));
        Assert.Equal("mae 2.5000 is above 2.0000, the most that is allowed.", checks[1].Explanation);
        Assert.Equal("mae 2.5000 is not below 1.0000, the least that is allowed.", checks[0].Explanation);
    }

    [Fact]
    public void Evaluate_NoChampion_Skips() => Assert.Equal(CheckVerdict.Skipped, Assert.Single(
        MetricChecks.Evaluate(
            Policy("roc_auc", new MetricBounds(MaxDropFromChampion: 0.01)), Metrics("roc_auc", 0.6), null, null)).Verdict);

    [Fact]
    public void Evaluate_ChampionCannotBeMeasured_Fails() => Assert.Equal(CheckVerdict.Failed, Assert.Single(
        MetricChecks.Evaluate(Policy("roc_auc", new MetricBounds(MaxDropFromChampion: 0.01)), Metrics("roc_auc", 0.6), null, 2)).Verdict);

    /// <summary>A champion that does not know a class, or reads labels differently, was not measured on the same rows.</summary>
    [Fact]
    public void Evaluate_ChampionMeasuredOnOtherRows_Fails()
    {
        ModelMetrics champion = Metrics(
            "log_loss", 0.9) with { Classified = new ClassifiedRows(new double[4], new int[2], ["0", "1"], 1, new int[2]) };
        ModelMetrics candidate = Metrics(
            "log_loss", 0.1) with { Classified = new ClassifiedRows(new double[9], new int[3], ["0", "1", "2"], null, new int[3]) };

        ValidationCheck check = Assert.Single(
            MetricChecks.Evaluate(Policy("log_loss", new MetricBounds(MaxDropFromChampion: 0.01)), candidate, champion, 2));

        Assert.Equal(CheckVerdict.Failed, check.Verdict);
        Assert.Contains("of the labels, 3 are classes or values of this version, and 2 of the champion", check.Explanation,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("accuracy", "could not be computed")]
    [InlineData("auroc", "which is not a metric")]
    public void Evaluate_BoundWithoutAFigure_Fails(string metric, string expected)
    {
        ValidationCheck check = Assert.Single(MetricChecks.Evaluate(Policy(metric, new MetricBounds(Min: 0.5)), null, null, null));

        Assert.Equal(CheckVerdict.Failed, check.Verdict);
        Assert.Contains(expected, check.Explanation, StringComparison.Ordinal);
    }

    private static IReadOnlyList<ValidationCheck> Evaluate(string metric, MetricBounds bounds, double value, double? champion) =>
        MetricChecks.Evaluate(
            Policy(metric, bounds), Metrics(metric, value), champion is { } before ? Metrics(metric, before) : null,
            champion is null ? null : 2);

    private static ValidationPolicy Policy(string metric, MetricBounds bounds) =>
        new() { Metrics = new Dictionary<string, MetricBounds> { [metric] = bounds } };

    private static ModelMetrics Metrics(string name, double value) => new(new Dictionary<string, double> { [name] = value }, 8_000, []);
}
