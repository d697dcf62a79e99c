using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;

namespace Modeldrop.Tests.Lifecycle.Operations;

public sealed class SlotLineTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private IReadOnlyList<SlotEntry> _line = [];

    private IEnumerable<string> Working => _line.Where(entry => entry.Works).Select(entry => entry.Operation.ToString());

    [Fact]
    public void Enter_MoreThanSlots_WaitInTheOrderOfTheirDropsNotOfTheirCalls()
    {
        Enter("a~register~1", 0);
        Enter("b~register~1", 1);
        Enter("c~register~1", 9);
        Enter("d~register~1", 5);

        Assert.Equal(["a~register~1", "b~register~1"], Working);
        Assert.Equal((false, 0), (Turn("d~register~1").Works, Turn("d~register~1").Ahead));
        Assert.Equal((false, 1), (Turn("c~register~1").Works, Turn("c~register~1").Ahead));

        Leave("a~register~1");
        Assert.Equal(["b~register~1", "d~register~1"], Working);
    }

    /// <summary>A hundred drops of one model take one slot and are processed in order.</summary>
    [Fact]
    public void Enter_ManyOfOneModel_LeaveTheOtherSlotsToOthers()
    {
        for (int drop = 99; drop >= 1; drop--)
        {
            Enter($"a~register~{drop}", drop);
        }

        Enter("b~register~1", 500);

        Assert.Equal(["a~register~99", "b~register~1"], Working);
        Leave("a~register~99");
        for (int drop = 1; drop < 99; drop++)
        {
            Assert.Equal([$"a~register~{drop}", "b~register~1"], Working);
            Leave($"a~register~{drop}");
        }
    }

    [Fact]
    public void Enter_OlderThanARunningOne_DoesNotTakeItsSlot()
    {
        Enter("a~register~2", 5);
        Enter("a~register~1", 0);

        Assert.Equal(["a~register~2"], Working);
    }

    [Fact]
    public void Enter_Again_KeepsItsPlace()
    {
        Enter("a~register~1", 0);
        IReadOnlyList<SlotEntry> before = _line;

        Enter("a~register~1", 7);

        Assert.Equal(before, _line);
    }

    private void Enter(string id, int seconds) =>
        _line = SlotLine.Enter(_line, OperationId.Parse(id), Noon.AddSeconds(seconds), slots: 2);

    private void Leave(string id) => _line = SlotLine.Leave(_line, OperationId.Parse(id), slots: 2);

    private SlotTurn Turn(string id) => SlotLine.TurnOf(_line, OperationId.Parse(id));
}
