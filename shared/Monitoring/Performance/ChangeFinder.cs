using System.Globalization;
using Modeldrop.Metrics;
using Modeldrop.Metrics.Estimation;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Pages;

namespace Modeldrop.Monitoring.Performance;

/// <summary>Names the kinds of change between the validation and a window.</summary>
/// <remarks>
/// Inputs and answers: the drift check of the window's hours. Labels: for two classes Fisher's exact test (twice the smaller tail), for
/// more classes chi-squared, for a regression chi-squared over the validation's deciles, in parts. Answers without labels:
/// <see cref="LabelShift"/>. Outcomes given the answers: <see cref="AnswerStrata"/>. The last three kinds share one chance of a false
/// alarm, and each also requires a change that matters.
/// </remarks>
/// <param name="tail">The chance of a false alarm for each of the three kinds in this window.</param>
internal sealed class ChangeFinder(PerformanceBaseline? baseline, MonitoringOptions options, double tail)
{
    /// <summary>Number of kinds that share the chance.</summary>
    public const int Kinds = 3;

    /// <summary>Smallest change of a share that matters, 0 to 1.</summary>
    private const double ShareFloor = MetricChange.Floor;

    /// <summary>A rarer class matters when its share changes by half of itself, and by at least this much.</summary>
    private const double RareFloor = 0.005;

    /// <summary>Minimum expected rows of each class for a mean of its probabilities to be about normal.</summary>
    private const int LeastOfAClass = 30;

    private const string NoBaseline = "The version was validated without usable labels.";

    public IReadOnlyList<WindowChange> Find(DriftReport drift, ModelMetrics measured, ClassifiedRows? all) =>
        [OfFeatures(drift, isOutput: false), OfFeatures(drift, isOutput: true), Target(measured), Shift(all), Concept(measured)];

    private static WindowChange OfFeatures(DriftReport drift, bool isOutput)
    {
        ChangeKind kind = isOutput ? ChangeKind.PredictionDrift : ChangeKind.InputDrift;
        FeatureDrift[] features = [.. drift.Features.Where(feature => feature.IsOutput == isOutput)];
        FeatureDrift[] tested = [.. features.Where(feature => feature.NoVerdict is null && feature.IsCounted)];
        FeatureDrift[] drifted = [.. tested.Where(feature => feature.Drifted)];
        double? distance = tested.Select(feature => feature.Statistics.FirstOrDefault(one => one.Name == JensenShannon.Name)?.Value).Max();
        string what = isOutput ? "outputs" : "inputs";
        return tested.Length == 0
            ? new WindowChange(
                kind, ChangeState.Unknown,
                features.Length == 0 || drift.Status != DriftStatus.Checked
                    ? drift.Summary
                    : features[0].NoVerdict ?? $"No {what} could be tested.",
                Rows: drift.Rows)
            : drifted.Length == 0
                ? new WindowChange(
                    kind, ChangeState.Unchanged, $"None of {tested.Length} {what} has drifted.", null, drift.Rows, null, distance)
                : new WindowChange(kind, ChangeState.Changed,
                    $"{drifted.Length} of {tested.Length} {what} drifted: "
                        + $"{string.Join(", ", drifted.Take(20).Select(feature => feature.Name))}.",
                    null, drift.Rows, null, distance);
    }

    private WindowChange Target(ModelMetrics measured)
    {
        const ChangeKind Kind = ChangeKind.TargetDrift;
        if (baseline?.Labels is not { } labels)
        {
            return Unknown(Kind, baseline is null ? NoBaseline : "The labels of this model are not counted by class.");
        }

        if (measured.Rows < options.MinimumRows || labels.Rows < options.MinimumRows
            || labels.Recount(measured) is not ({ } before, { } now))
        {
            return Unknown(Kind, Few(measured.Rows, labels.Rows));
        }

        if (before.Edges is not null)
        {
            double p = OrderedChiSquared.Test([.. before.Counts], [.. now.Counts]).PValue;
            double distance = JensenShannon.Distance([.. before.Counts], [.. now.Counts]);
            bool hasMoved = p <= tail && distance >= options.MinimumDistance;
            return new WindowChange(Kind, hasMoved ? ChangeState.Changed : ChangeState.Unchanged,
                string.Create(CultureInfo.InvariantCulture,
                $"The labels are {(hasMoved ? "not " : "")}distributed as at the validation (Jensen-Shannon distance {distance:0.000}, "
                    + $"{Words(p)})."),
                p, now.Rows, null, distance);
        }

        LabelShare[] shares = [.. before.Names!.Select((name, index) => new LabelShare(
            name, (double)before.Counts[index] / before.Rows, (double)now.Counts[index] / now.Rows))];
        double chance = shares.Length <= 2
            ? StratifiedShares.Compare([new SharesOfStratum(before.Counts[^1], before.Rows, now.Counts[^1], now.Rows)])!.Level
            : ChiSquared.Test([.. before.Counts], [.. now.Counts]).PValue;
        return OfShares(Kind, "of the labels", shares, chance, now.Rows);
    }

    private WindowChange Shift(ClassifiedRows? all)
    {
        const ChangeKind Kind = ChangeKind.LabelShift;
        if (baseline?.Classes is not { } classes || all is null)
        {
            return Unknown(Kind, baseline is null ? NoBaseline
                : $"Label shift needs the probabilities of at most {LabelShift.MaxClasses} mutually exclusive classes.");
        }

        if (all.Rows < options.MinimumRows)
        {
            return Unknown(Kind, Few(all.Rows, baseline.Metrics.Rows));
        }

        (IReadOnlyList<ShiftedClass>? shifted, string? reason) = LabelShift.Estimate(classes, all);
        if (shifted is null)
        {
            return Unknown(Kind, $"Label shift cannot be estimated: {reason}.");
        }

        LabelShare[] shares = [.. shifted.Select(one => new LabelShare(one.Class, one.Before, one.Share, one.Low, one.High))];
        LabelShare rarest = shares.MinBy(one => one.Before)!;
        if (rarest.Before * all.Rows < LeastOfAClass)
        {
            return Unknown(Kind, string.Create(CultureInfo.InvariantCulture,
                $"About {rarest.Before * all.Rows:0.#} rows of '{rarest.Label}' are expected; a verdict needs {LeastOfAClass}.")) with
            {
                Rows = all.Rows,
                Shares = shares,
            };
        }

        // With two classes, one of them is enough.
        double chance = Math.Min(1, shifted.Min(one => one.PValue) * (shifted.Count == 2 ? 1 : shifted.Count));
        return OfShares(Kind, "of the rows, by the answers,", shares, chance, all.Rows);
    }

    private WindowChange Concept(ModelMetrics measured)
    {
        const ChangeKind Kind = ChangeKind.ConceptDrift;
        if (baseline?.Strata is not { } before)
        {
            return Unknown(Kind, baseline is null ? NoBaseline : "The model has neither probabilities nor values to compare labels with.");
        }

        if (measured.Rows < options.MinimumRows || before.Recount(measured) is not { } now)
        {
            return Unknown(Kind, Few(measured.Rows, baseline.Metrics.Rows));
        }

        if (measured.Regressed is not null)
        {
            return before.CompareErrors(now) is { } errors ? OfErrors(errors, measured.Rows) : Unknown(Kind, "No answers are alike.");
        }

        if (before.CompareShares(now) is not { } shares)
        {
            return Unknown(Kind, "No answers are alike.");
        }

        string what = measured.Classified?.Positive is { } positive
            ? $"are '{measured.Classified.Classes[positive]}'" : "are answered correctly";
        bool isLevel = shares.Level <= shares.Shape;
        bool hasChanged = shares.PValue <= tail && Matters(shares.Effect, isLevel ? shares.Expected : 1);
        string figures = isLevel || !hasChanged
            ? string.Create(CultureInfo.InvariantCulture,
                $"{shares.Expected + shares.Difference:P1} of the rows {what}; {shares.Expected:P1} was expected for such answers")
            : string.Create(CultureInfo.InvariantCulture,
                $"the share of rows that {what} differs for some answers, by {shares.Unevenness:P1} on average");
        return new WindowChange(Kind, hasChanged ? ChangeState.Changed : ChangeState.Unchanged,
            $"{Finding(hasChanged)}: {figures} ({Words(shares.PValue)}).",
            shares.PValue, measured.Rows);
    }

    private WindowChange OfErrors(ResidualChange errors, int rows)
    {
        bool hasChanged = errors.PValue <= tail && errors.Effect >= MetricChange.ErrorFloor;
        string figures = string.Create(CultureInfo.InvariantCulture,
            $"among rows with similar answers the mean error moved by {errors.LevelDifference:G4} and its mean size by ")
            + string.Create(CultureInfo.InvariantCulture,
                $"{errors.SizeDifference:G4} (usual size {errors.UsualSize:G4}, {Words(errors.PValue)})");
        return new WindowChange(ChangeKind.ConceptDrift, hasChanged ? ChangeState.Changed : ChangeState.Unchanged,
            $"{Finding(hasChanged)}: {figures}.", errors.PValue, rows);
    }

    private WindowChange OfShares(ChangeKind kind, string ofWhat, LabelShare[] shares, double chance, long rows)
    {
        // With two classes, the text names the second.
        LabelShare moved = shares.Length == 2 ? shares[1] : shares.MaxBy(one => Math.Abs(one.Now - one.Before))!;
        bool hasChanged = chance <= tail && shares.Any(one => Matters(Math.Abs(one.Now - one.Before), one.Before));
        return new WindowChange(kind, hasChanged ? ChangeState.Changed : ChangeState.Unchanged, string.Create(CultureInfo.InvariantCulture,
            $"{moved.Now:P1} {ofWhat} {(moved.Now == 1 ? "is" : "are")} '{moved.Label}'; at the validation {moved.Before:P1} were "
                + $"({Words(chance)})."),
            chance, rows, shares);
    }

    private static bool Matters(double change, double before) =>
        change >= ShareFloor || (change >= before / 2 && change >= RareFloor);

    private string Few(long rows, long before) => string.Create(CultureInfo.InvariantCulture,
        $"{rows:N0} rows, and {before:N0} at validation; a verdict needs {options.MinimumRows:N0} of both.");

    private static WindowChange Unknown(ChangeKind kind, string reason) => new(kind, ChangeState.Unknown, reason);

    private static string Finding(bool hasChanged) =>
        hasChanged ? "The outcomes for similar answers have changed" : "The outcomes for similar answers have not changed";

    private static string Words(double p) => $"p {Figures.Chance(p)}";
}
