using System.Threading.Channels;
using Modeldrop.Registry;

namespace Modeldrop.Events;

/// <summary>
/// Signals within a process that there may be events to send. Thread-safe. Signals that nobody has awaited yet merge into one.
/// </summary>
public sealed class EventSignal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public EventSignal(RegistryStore store) => store.Appended += Give;

    public void Give() => _channel.Writer.TryWrite(true);

    /// <summary>Waits for the next signal and consumes it.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _channel.Reader.ReadAsync(cancellationToken);
}
