using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Registry;

public sealed class ChampionHistoryTests
{
    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;

    /// <summary>The head agrees with its whole history, for as many roll backs as it keeps.</summary>
    [Fact]
    public void Former_OfAHead_AgreesWithItsHistory()
    {
        var random = new Random(11);
        for (int round = 0; round < 300; round++)
        {
            ModelHead head = ModelHead.Empty(ModelName.Parse("m"));
            List<AliasChange> history = [];
            for (int step = 0; step < 25; step++)
            {
                RegistryEvent next = Step(random, head, history);
                head = head.Apply(next with { At = At, Sequence = step + 1 });
                history.Add(next is AliasMoved moved
                    ? new AliasChange("champion", moved.From, moved.To, At, moved.Actor, moved.RolledBack)
                    : new AliasChange("champion", ((AliasDeleted)next).From, null, At, next.Actor, RolledBack: false));

                if (head.Aliases.ContainsKey("champion"))
                {
                    Assert.Equal(ChampionHistory.Previous(history), head.Former is [.., var last] ? last : null);
                }
            }

            Assert.True(head.Former.Length <= 10);
        }
    }

    [Fact]
    public void Former_OfAnotherAlias_IsUntouched()
    {
        ModelHead head = ModelHead.Empty(ModelName.Parse("m")).Apply(new AliasMoved("canary", null, 1) { Actor = Actor.System, At = At });

        Assert.Empty(head.Apply(new AliasMoved("canary", 1, 2) { Actor = Actor.System, At = At }).Former);
    }

    private static RegistryEvent Step(Random random, ModelHead head, List<AliasChange> history)
    {
        int? champion = head.Aliases.GetValueOrDefault("champion")?.Version;
        if (champion is { } standing && random.Next(12) == 0)
        {
            return new AliasDeleted("champion", standing) { Actor = Actor.System };
        }

        int? back = random.Next(3) == 0 ? ChampionHistory.Previous(history) ?? random.Next(1, 6) : null;
        return champion is not null && back is { } version && version != champion
            ? new AliasMoved("champion", champion, version, RolledBack: true) { Actor = Actor.System }
            : new AliasMoved("champion", champion, random.Next(1, 6)) { Actor = Actor.System };
    }
}
