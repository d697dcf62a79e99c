using Modeldrop.Registry;
using static Modeldrop.Registry.VersionStatus;

namespace Modeldrop.Tests.Registry;

public sealed class VersionTransitionsTests
{
    private static readonly HashSet<(VersionStatus, VersionStatus)> Legal =
    [
        (Registered, Validating), (Registered, Rejected),
        (Validating, Validated), (Validating, Rejected),
        (Validated, RollingOut), (Validated, Champion), (Validated, Retired),
        (RollingOut, Champion), (RollingOut, Validated),
        (Champion, Retired),
        (Retired, Champion), (Retired, RollingOut), (Retired, Deleted),
        (Rejected, Validating), (Rejected, Deleted),
    ];

    public static TheoryData<VersionStatus, VersionStatus> Pairs()
    {
        var pairs = new TheoryData<VersionStatus, VersionStatus>();
        foreach (VersionStatus from in Enum.GetValues<VersionStatus>())
        {
            foreach (VersionStatus to in Enum.GetValues<VersionStatus>())
            {
                pairs.Add(from, to);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void IsLegal_EveryPair_IsPinned(VersionStatus from, VersionStatus to)
    {
        Assert.Equal(Legal.Contains((from, to)), VersionTransitions.IsLegal(from, to));
    }

    [Fact]
    public void IsLegal_EveryStatusExceptDeleted_HasASuccessor() =>
        Assert.Equal(
            [Deleted],
            Enum.GetValues<VersionStatus>()
                .Where(from => !Enum.GetValues<VersionStatus>().Any(to => VersionTransitions.IsLegal(from, to))));
}
