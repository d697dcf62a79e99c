using System.Collections.Immutable;
using System.Text.Json;
using Modeldrop.Lifecycle.Replay;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Routing;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Lifecycle.Replay;

public sealed class ReplaySummaryTests
{
    [Fact]
    public void Plus_AnyOrderAndGrouping_GivesTheSame()
    {
        var random = new Random(5);
        ReplaySummary[] parts = [.. Enumerable.Range(0, 40).Select(_ => Part(random))];
        string expected = Json(parts.Aggregate(ReplaySummary.Empty, (sum, part) => sum.Plus(part)));

        for (int round = 0; round < 20; round++)
        {
            random.Shuffle(parts);
            int cut = random.Next(parts.Length);
            ReplaySummary left = parts[..cut].Aggregate(ReplaySummary.Empty, (sum, part) => sum.Plus(part));
            ReplaySummary right = parts[cut..].Aggregate(ReplaySummary.Empty, (sum, part) => sum.Plus(part));

            Assert.Equal(expected, Json(left.Plus(right)));
        }
    }

    [Fact]
    public void Json_RoundTrip_IsTheSame()
    {
        ReplaySummary summary = Part(new Random(6)).Plus(ReplaySummary.Empty with { Answers = null });

        ReplaySummary read = JsonSerializer.Deserialize<ReplaySummary>(Json(summary), StoredJson.Options)!;

        Assert.Null(read.Answers);
        Assert.Equal(Json(summary), Json(read));
    }

    [Fact]
    public void Plus_TooManyValuesOfAnInput_HaveNoSlices()
    {
        ReplaySummary[] parts = [
            .. Enumerable.Range(0, ReplaySummary.MaxSlices + 1).Select(
                value => ReplaySummary.Empty with { Rows = 1, Slices = Slices("city", value.ToString("000", null)) })];

        ReplaySummary all = parts.Aggregate((sum, part) => sum.Plus(part));

        Assert.Null(all.Slices["city"]);
        Assert.Equal(ReplaySummary.MaxSlices + 1, all.Rows);
    }

    private static ReplaySummary Part(Random random) => new()
    {
        Records = random.Next(10),
        Rows = random.Next(100),
        Disagreements = random.Next(10),
        CandidateFailures = random.Next(2),
        CandidateFailure = random.Next(2) == 0 ? null : $"because {random.Next(9)}",
        Faithfulness = new Faithfulness(random.Next(9), 1, random.Next(9), 0, random.NextDouble(), [$"id-{random.Next(99):00}"]),
        ScoreDifferences = [.. ReplaySummary.Empty.ScoreDifferences.Select(_ => (long)random.Next(9))],
        Answers = ImmutableSortedDictionary<string, AnswerCount>.Empty.Add(
            $"class {random.Next(3)}", new AnswerCount(random.Next(9), random.Next(9))),
        Slices = Slices($"input {random.Next(2)}", $"value {random.Next(4)}"),
        CandidateLatency = LatencyHistogram.OfOne(TimeSpan.FromMicroseconds(random.Next(1, 5000))),
        Transactions = random.Next(9),
    };

    private static ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, SliceCount>?> Slices(string input, string value) =>
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, SliceCount>?>.Empty
            .Add(input, ImmutableSortedDictionary<string, SliceCount>.Empty.Add(value, new SliceCount(3, 1)));

    private static string Json(ReplaySummary summary) => JsonSerializer.Serialize(summary, StoredJson.Options);
}
