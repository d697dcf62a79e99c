namespace Modeldrop.LocalHost.Durable.Replay;

/// <summary>Brings raised events and those who wait for them together: by name, ignoring case, first come first served.</summary>
internal sealed class ExternalEvents
{
    private readonly List<EventRaised> _unclaimed = [];
    private readonly LinkedList<(string Name, OpenTask Task)> _waiting = [];

    /// <summary>Events that nobody has awaited yet, in the order of arrival.</summary>
    public IReadOnlyList<EventRaised> Unclaimed => _unclaimed;

    public int WaitingCount => _waiting.Count;

    public void Raise(EventRaised raised)
    {
        for (LinkedListNode<(string Name, OpenTask Task)>? node = _waiting.First; node is not null; node = node.Next)
        {
            if (string.Equals(node.Value.Name, raised.Name, StringComparison.OrdinalIgnoreCase))
            {
                _waiting.Remove(node);
                node.Value.Task.Complete(raised.Payload);
                return;
            }
        }

        _unclaimed.Add(raised);
    }

    /// <returns>What takes the wait back.</returns>
    public Action Wait(string name, OpenTask task)
    {
        int early = _unclaimed.FindIndex(raised => string.Equals(raised.Name, name, StringComparison.OrdinalIgnoreCase));
        if (early >= 0)
        {
            string? payload = _unclaimed[early].Payload;
            _unclaimed.RemoveAt(early);
            task.Complete(payload);
            return static () => { };
        }

        LinkedListNode<(string Name, OpenTask Task)> node = _waiting.AddLast((name, task));
        return () =>
        {
            if (node.List is not null)
            {
                _waiting.Remove(node);
            }
        };
    }
}
