using System.Globalization;
using MathNet.Numerics.Distributions;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Routing;

namespace Modeldrop.Tests.Routing;

public sealed class TrafficPolicyTests
{
    private const int Requests = 100_000;

    private static readonly ModelName Model = ModelName.Parse("m");

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(25)]
    [InlineData(50)]
    [InlineData(99)]
    public void Pick_WithoutKey_SplitsAtRandomForAnyDraws(int percent)
    {
        TrafficPolicy policy = Split(percent);

        // Sequences of one writer, and of writers that differ in one bit, as in prediction ids.
        AssertBinomial(percent, Enumerable.Range(0, Requests).Count(draw => IsCandidate(policy.Pick(null, (ulong)draw))));
        AssertBinomial(percent, Enumerable.Range(0, Requests).Count(draw => IsCandidate(policy.Pick(null, ((ulong)draw << 32) | 7))));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(50)]
    public void Pick_WithKeys_SplitsThemByTheirHash(int percent) =>
        AssertBinomial(percent, Keys().Count(key => IsCandidate(Split(percent).Pick(key, 0))));

    [Fact]
    public void Pick_SameKey_GivesTheSameVersionOnEveryInstanceForAnyDraw()
    {
        TrafficPolicy one = Split(30);
        TrafficPolicy other = Split(30);

        Assert.All(Keys().Take(2_000), key => Assert.Equal(one.Pick(key, 1)!.Version, other.Pick(key, 99)!.Version));
    }

    /// <summary>Instances of other builds and machines must agree: these picks never change.</summary>
    [Theory]
    [InlineData("alice", true)]
    [InlineData("bob", true)]
    [InlineData("", false)]
    [InlineData("Zoë", true)]
    public void Pick_KnownKeys_KeepTheirVersion(string key, bool isCandidate) =>
        Assert.Equal(isCandidate, IsCandidate(Split(50).Pick(key, 0)));

    [Fact]
    public void Pick_ShareGrows_KeysStayWithTheCandidate()
    {
        int[] steps = [5, 25, 60, 100];
        foreach ((int less, int more) in steps.Zip(steps.Skip(1)))
        {
            Assert.All(
                Keys().Where(key => IsCandidate(Split(less).Pick(key, 0))), key => Assert.True(IsCandidate(Split(more).Pick(key, 0))));
        }
    }

    [Fact]
    public void Pick_AnotherCandidate_GetsOtherKeysFirst()
    {
        int both = Keys().Count(
            key => IsCandidate(Split(10, candidate: 2).Pick(key, 0)) && IsCandidate(Split(10, candidate: 3).Pick(key, 0)));

        AssertBinomial(percent: 1, both);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(100, true)]
    public void Pick_NothingOrAll_IsExact(int percent, bool isCandidate) =>
        Assert.All(Keys().Take(1_000), key => Assert.Equal(isCandidate, IsCandidate(Split(percent).Pick(key, 0))));

    [Fact]
    public void Pick_CandidateCannotBeLoaded_ChampionAnswersAndItIsCounted()
    {
        var meter = new VersionMeter();
        var policy = new TrafficPolicy(RouteTo(1, "champion"), new CandidateShare(2, 100, null, meter));

        Assert.Equal(1, policy.Pick("key", 0)!.Version.Number);
        Assert.Equal(1, meter.Read().Unloaded);
        Assert.Equal(0, meter.Read().Requests);
    }

    private static TrafficPolicy Split(int percent, int candidate = 2) =>
        new(RouteTo(1, "champion"), new CandidateShare(candidate, percent, RouteTo(candidate, AliasName.Candidate), null));

    private static Route RouteTo(int version, string alias) =>
        new(Model, new VersionEntry(version, VersionStatus.Validated, "", "", DateTimeOffset.UnixEpoch), alias);

    private static bool IsCandidate(Route? route) => route!.Alias == AliasName.Candidate;

    private static IEnumerable<string> Keys() =>
        Enumerable.Range(0, Requests).Select(key => string.Create(CultureInfo.InvariantCulture, $"customer-{key}"));

    /// <summary>Checks that the count is within the 99.9 % interval of a fair draw.</summary>
    private static void AssertBinomial(int percent, int candidates)
    {
        double share = percent / 100.0;
        double z = Normal.InvCDF(0, 1, 0.9995);
        double deviation = Math.Sqrt(Requests * share * (1 - share));
        Assert.InRange(candidates, (Requests * share) - (z * deviation), (Requests * share) + (z * deviation));
    }
}
