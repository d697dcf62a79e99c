using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Probe;

namespace Modeldrop.Tests.Probe;

public sealed class KeptChildrenTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly KeptChildren _kept;
    private readonly List<ProbeChild> _started = [];

    public KeptChildrenTests() => _kept = new KeptChildren(2, _clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_child_is_found_once_by_its_own_operation()
    {
        ProbeChild child = Start();
        _kept.Keep(Ids.Operation("a"), child);

        Assert.Null(_kept.Take(Ids.Operation("b")));
        Assert.Same(child, _kept.Take(Ids.Operation("a")));
        Assert.Null(_kept.Take(Ids.Operation("a")));
        Assert.False(child.Exited.IsCompleted);
    }

    [Fact]
    public async Task The_oldest_child_ends_when_there_are_too_many()
    {
        ProbeChild oldest = Start();
        _kept.Keep(Ids.Operation("a"), oldest);
        _kept.Keep(Ids.Operation("b"), Start());
        _kept.Keep(Ids.Operation("c"), Start());

        await EndedAsync(oldest);
        Assert.Null(_kept.Take(Ids.Operation("a")));
        Assert.NotNull(_kept.Take(Ids.Operation("b")));
        Assert.NotNull(_kept.Take(Ids.Operation("c")));
    }

    [Fact]
    public async Task A_child_that_nobody_takes_ends()
    {
        ProbeChild child = Start();
        _kept.Keep(Ids.Operation("a"), child);

        _clock.Advance(KeptChildren.Patience);

        await EndedAsync(child);
        Assert.Equal(0, _kept.Count);
    }

    [Fact]
    public void A_child_that_was_taken_outlives_the_patience()
    {
        _kept.Keep(Ids.Operation("a"), Start());
        ProbeChild child = _kept.Take(Ids.Operation("a"))!;

        _clock.Advance(KeptChildren.Patience);

        Assert.False(child.Exited.IsCompleted);
    }

    [Fact]
    public async Task A_child_that_has_ended_is_not_found()
    {
        ProbeChild child = Start("true");
        _kept.Keep(Ids.Operation("a"), child);
        await child.Exited.WaitAsync(Token);

        Assert.Null(_kept.Take(Ids.Operation("a")));
    }

    [Fact]
    public async Task Children_end_with_the_service_and_none_is_kept_afterwards()
    {
        ProbeChild before = Start();
        ProbeChild after = Start();
        _kept.Keep(Ids.Operation("a"), before);

        _kept.Dispose();
        _kept.Keep(Ids.Operation("b"), after);

        await EndedAsync(before);
        await EndedAsync(after);
        Assert.Equal(0, _kept.Count);
    }

    public void Dispose()
    {
        _kept.Dispose();
        _started.ForEach(child => child.Dispose());
        _root.Dispose();
    }

    private static Task EndedAsync(ProbeChild child) => Poll.UntilAsync(() => !IsRunning(child.Id), "the child's end");

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private ProbeChild Start(string command = "sleep")
    {
        var start = new ProcessStartInfo(command, command == "sleep" ? ["600"] : [])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var child = new ProbeChild(Process.Start(start)!, WorkFolder.Create(_root.Path));
        _started.Add(child);
        return child;
    }
}
