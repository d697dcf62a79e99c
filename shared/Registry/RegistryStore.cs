using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

/// <summary>The registry's table: one partition for all models, an event row for everything that happened, a head row a model.</summary>
public sealed class RegistryStore(StorageAccount account, TimeProvider clock)
{
    /// <summary>Stands in the event log for drops whose folder is not a model name.</summary>
    public const string UnnamedDrops = "$drop";

    /// <summary>A text that changes with every append to any model; null before the first. One point read.</summary>
    public Task<string?> ReadRevisionAsync(CancellationToken cancellationToken) => throw new NotSupportedException($"{account}{clock}");

    /// <summary>All models, archived ones too, by name.</summary>
    public Task<IReadOnlyList<ModelHead>> ListHeadsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ModelHead?> FindHeadAsync(ModelName model, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>
    /// Reads the head, lets <paramref name="decide"/> say what happens (nothing: an empty list), and writes events, head and revision
    /// in one transaction; when another writer was faster, it starts again from the new head.
    /// </summary>
    /// <param name="model">A model's name or <see cref="UnnamedDrops"/>.</param>
    /// <param name="decide">Pure; gets <see cref="ModelHead.Empty"/> for a new model; may throw a <see cref="ServiceException"/>.</param>
    /// <returns>The head after it.</returns>
    public Task<ModelHead> AppendAsync(string model, Func<ModelHead, IReadOnlyList<RegistryEvent>> decide, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Events of one model (or of all when null), oldest first per model, from <paramref name="from"/> up to but not including <paramref name="to"/>.</summary>
    public IAsyncEnumerable<(string Model, RegistryEvent Event)> ReadEventsAsync(
        string? model, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken) => throw new NotSupportedException();
}
