using System.Globalization;
using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Names;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Tabular;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.Tests.Monitoring.Performance;

/// <summary>The estimated error of a regression before labels arrive: from its validation data, over the log, to the report.</summary>
public sealed class RegressionEstimateTests(AzuriteFixture azurite)
{
    private const int HoursAWeek = 168;
    private const int RowsAnHour = 12;

    private static readonly DateTimeOffset From = new(2001, 2, 5, 0, 0, 0, TimeSpan.Zero);

    private readonly Random _random = new(5);

    private static ModelName Prices { get; } = ModelName.Parse("prices");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The model answers <c>x</c>; the truth differs by an amount that grows with <c>x</c>.</summary>
    [Fact]
    public async Task Read_Regression_IsEstimatedWithoutLabels_UntilLabelsRefuteIt()
    {
        (Table validation, _) = Rows(3_000, _random.NextDouble, 1);
        using PerformanceWorld world = await StartAsync(validation);

        // Two weeks without labels, the second one with more of the large values; then one with labels, where all errors are larger.
        (Func<double> Mix, double Scale)[] weeks =
            [(_random.NextDouble, 1), (() => Math.Sqrt(_random.NextDouble()), 1), (_random.NextDouble, 1.5)];
        List<double> errors = [];
        foreach ((int week, (Func<double> mix, double scale)) in weeks.Index())
        {
            (Table rows, double error) = Rows(HoursAWeek * RowsAnHour, mix, scale, From.AddDays(7 * week));
            IReadOnlyList<FeedbackEntry> labels = await world.LogAsync(PerformanceWorld.ByHour(rows));
            errors.Add(error);
            if (week == 2)
            {
                await world.TellAsync(labels);
            }
        }

        await world.Fold.FoldAsync(Prices, Token);
        PerformanceReport report = await world.Service.ReadAsync(
            Prices, new PerformanceQuery(1, From, From.AddDays(21), TimeSpan.FromDays(7)), Token);

        Assert.Equal([0, 0, HoursAWeek * RowsAnHour], report.Windows.Select(window => window.Labelled));
        foreach ((WindowPerformance window, double error) in report.Windows.Zip(errors).Take(2))
        {
            MetricValue estimate = window.Estimated!.Metrics[MetricNames.Mae];
            Assert.InRange(error, estimate.Low!.Value, estimate.High!.Value);
            Assert.Equal(error, estimate.Value, 0.05 * error);
            Assert.Null(window.Estimated.Withdrawn);
            Assert.Equal(HoursAWeek * RowsAnHour, window.Estimated.Rows);
        }

        // The estimate follows the rows: more large values, larger errors.
        double[] expected = [.. report.Windows.Select(window => window.Estimated!.Metrics[MetricNames.Mae].Value)];
        Assert.True(expected[1] > 1.15 * expected[0], $"{expected[0]} {expected[1]}");
        Assert.Equal(errors[2], report.Windows[2].Metrics[MetricNames.Mae].Value, 1e-9);
        Assert.True(report.Windows[2].Estimated!.Verdict!.Refuted);
        Assert.StartsWith(
            "On the 2,016 rows whose truth is known, mae is ", report.Windows[2].Estimated!.Withdrawn, StringComparison.Ordinal);
    }

    /// <summary>If errors do not depend on the inputs, nothing is estimated, and the report says why.</summary>
    [Fact]
    public async Task Read_ErrorsIndependentOfTheInputs_AreNotEstimated()
    {
        (Table validation, _) = Rows(1_000, _random.NextDouble, 1, grows: false);
        using PerformanceWorld world = await StartAsync(validation);
        (Table rows, _) = Rows(500, _random.NextDouble, 1, From, grows: false);
        await world.LogAsync(PerformanceWorld.ByHour(rows));

        PerformanceReport report = await world.Service.ReadAsync(Prices, new PerformanceQuery(1, From, From.AddDays(7)), Token);

        WindowPerformance window = Assert.Single(report.Windows);
        Assert.Null(window.Estimated);
        Assert.Contains(
            window.Notes, note => note.Contains("the size of its errors does not depend on its inputs", StringComparison.Ordinal));
    }

    private Task<PerformanceWorld> StartAsync(Table validation) => PerformanceWorld.StartAsync(
        azurite, Prices, OnnxBuilder.Identity(TensorElementType.Double, -1, 1), "price",
        ("model.json", """{"label": "price"}"""u8.ToArray()), ("reference.csv", FileOf(validation)),
        ("validation.csv", FileOf(validation)));

    private static byte[] FileOf(Table rows) => Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(-1, rows.Rows + 1)
        .Select(row => string.Join(',', rows.Columns.Select(column => row < 0 ? column.Name : column.Values[row])))));

    /// <returns><c>x</c>, the true value and its time; and the mean absolute error of the model, which answers <c>x</c>.</returns>
    private (Table Rows, double Error) Rows(int rows, Func<double> mix, double scale, DateTimeOffset? from = null, bool grows = true)
    {
        double[] answers = [.. Enumerable.Range(0, rows).Select(_ => mix())];
        double[] truth = [.. answers.Select(x =>
            x + (scale * (grows ? 0.2 + x : 0.5) * (_random.NextDouble() + _random.NextDouble() - 1)))];
        var table = new Table(
            [
                new TableColumn("ts", [.. answers.Select((_, row) => $"{(from ?? From).AddHours(row / RowsAnHour):yyyy-MM-ddTHH:mm:ssZ}")]),
                new TableColumn("x", [.. answers.Select(Text)]), new TableColumn("price", [.. truth.Select(Text)]),
            ],
            rows);
        return (table, answers.Zip(truth, (answer, real) => Math.Abs(answer - real)).Average());

        static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
    }
}
