using Modeldrop.Registry;
using Modeldrop.Site;

namespace Modeldrop.Tests.Site;

public sealed class EventWordsTests
{
    public static TheoryData<RegistryEvent, string> Events => new()
    {
        { new VersionRegistered(3, "d", "m") { Actor = Actor.System }, "version 3 registered" },
        { new VersionStatusChanged(3, VersionStatus.Validating, VersionStatus.Rejected, ["Too bad."]) { Actor = Actor.System }, "version 3 is rejected: Too bad." },
        { new VersionStatusChanged(3, VersionStatus.Validated, VersionStatus.RollingOut) { Actor = Actor.System }, "version 3 is rolling out" },
        { new VersionStatusChanged(3, VersionStatus.Retired, VersionStatus.Deleted) { Actor = Actor.System }, "version 3 is deleted" },
        { new VersionCompleted(3, ["card.md", "reference.csv"]) { Actor = Actor.System },
            "files of version 3 came late: card.md, reference.csv" },
        { new VersionRevalidated(3, []) { Actor = Actor.System }, "version 3 passed its validation with the late files" },
        { new VersionRevalidated(3, ["No.", "Never."]) { Actor = Actor.System },
            "version 3 failed its validation with the late files: No. Never." },
        { new AliasMoved("champion", null, 1) { Actor = Actor.System }, "champion points to version 1" },
        { new AliasMoved("champion", 1, 2) { Actor = Actor.System }, "champion moved from version 1 to 2" },
        { new AliasDeleted("blue", 2) { Actor = Actor.System }, "blue deleted; it pointed to version 2" },
        { new TrafficShifted(2, 25) { Actor = Actor.System }, "25 % of the traffic goes to version 2" },
        { new TrafficShifted(2, 0) { Actor = Actor.System }, "traffic no longer goes to version 2" },
        { new VersionProven(2, BatchInvariant: true) { Actor = Actor.System }, "version 2 answers the same in batches" },
        { new VersionProven(2, BatchInvariant: false) { Actor = Actor.System }, "version 2 answers differently in batches" },
        { new ShadowSet(2, 50) { Actor = Actor.System }, "version 2 answers 50 % of the logged requests as a shadow" },
        { new ShadowSet(2, 0) { Actor = Actor.System }, "version 2 is no longer a shadow" },
        { new DropRejected("x/model.onnx", ["No.", "Never."]) { Actor = Actor.System }, "drop x/model.onnx rejected: No. Never." },
        { new ModelDescribed("d", null) { Actor = Actor.System }, "description or tags changed" },
        { new ModelArchived(true) { Actor = Actor.System }, "archived" },
        { new ModelArchived(false) { Actor = Actor.System }, "restored from the archive" },
    };

    [Theory]
    [MemberData(nameof(Events))]
    public void Describe_Event_IsASentence(RegistryEvent registryEvent, string expected) =>
        Assert.Equal(expected, EventWords.Describe(registryEvent));

    [Fact]
    public void Events_OfTheRegistry_AreAllDescribed()
    {
        IEnumerable<Type> kinds = typeof(RegistryEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(RegistryEvent)));

        Assert.Equal(kinds.Order(Comparer<Type>.Create((left, right) => string.CompareOrdinal(left.Name, right.Name))).Select(type => type.Name),
            Events.Select(row => row.Data.Item1.GetType().Name).Distinct().Order(StringComparer.Ordinal));
    }
}
