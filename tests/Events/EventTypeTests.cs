using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Modeldrop.Events;
using Modeldrop.Registry;
using Modeldrop.Tests.Infra;

namespace Modeldrop.Tests.Events;

public sealed partial class EventTypeTests
{
    private static RegistryEvent[] Every =>
    [
        new VersionRegistered(1, "d", "s") { Actor = Actor.System },
        .. Enum.GetValues<VersionStatus>().Select(to => new VersionStatusChanged(1, VersionStatus.Registered, to) { Actor = Actor.System }),
        new VersionStatusChanged(1, VersionStatus.RollingOut, VersionStatus.Validated) { Actor = Actor.System },
        new VersionCompleted(1, []) { Actor = Actor.System },
        new VersionRevalidated(1, []) { Actor = Actor.System },
        new VersionProven(1, true) { Actor = Actor.System },
        new AliasMoved("champion", 1, 2) { Actor = Actor.System },
        new AliasMoved("champion", 2, 1, RolledBack: true) { Actor = Actor.System },
        new AliasMoved("canary", 1, 2) { Actor = Actor.System },
        new AliasDeleted("canary", 1) { Actor = Actor.System },
        new TrafficShifted(1, 5) { Actor = Actor.System },
        new ShadowSet(1, 5) { Actor = Actor.System },
        new DropRejected("a", []) { Actor = Actor.System },
        new ModelDescribed("", null) { Actor = Actor.System },
        new ModelArchived(true) { Actor = Actor.System },
        new ModelArchived(false) { Actor = Actor.System },
    ];

    [Fact]
    public void Of_EveryKindOfEvent_HasAListedType()
    {
        Type[] kinds = [.. typeof(RegistryEvent).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), false)
            .Cast<JsonDerivedTypeAttribute>().Select(kind => kind.DerivedType)];
        Assert.Equal(kinds.Select(kind => kind.Name).Order(), Every.Select(one => one.GetType().Name).Distinct().Order());

        Assert.Equal(EventType.All.Order(StringComparer.Ordinal), Every.Select(EventType.Of).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Document_Types_EqualTheList()
    {
        string operations = RepositoryText.Read("docs/operations.md");
        string section = operations[operations.IndexOf("## Events", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", 3, StringComparison.Ordinal)];

        Assert.Equal(
            EventType.All.Order(StringComparer.Ordinal),
            TypeWord().Matches(section).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"io\.modeldrop\.[a-zA-Z]+\.[a-zA-Z]+\.v1")]
    private static partial Regex TypeWord();
}
