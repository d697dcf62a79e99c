using Microsoft.Extensions.Logging;
using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>Operations on models, versions and aliases for other rooms and the functions.</summary>
/// <remarks>
/// Thread-safe, and every method may be repeated: a call whose result already exists writes nothing, and a call with an
/// <see cref="Actor.Operation"/> writes each of its events once, even if it is repeated after others have moved on. All methods throw
/// <see cref="ErrorCode.StoreUnavailable"/>, and the writing ones <see cref="ErrorCode.RegistryConflict"/> when many writers compete.
/// </remarks>
public sealed partial class RegistryService(RegistryStore store, VersionStore versions, TimeProvider clock, ILogger<RegistryService> logger)
{
    /// <summary>The model, archived or not.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>.</exception>
    public async Task<ModelHead> GetAsync(ModelName model, CancellationToken cancellationToken) =>
        await store.FindHeadAsync(model, cancellationToken) ?? throw NoModel(model);

    /// <summary>The model, archived or not; null when it does not exist.</summary>
    public Task<ModelHead?> FindAsync(ModelName model, CancellationToken cancellationToken) =>
        store.FindHeadAsync(model, cancellationToken);

    /// <summary>Returns the model as it was at an instant: its champion, shares and versions. Null before it was created.</summary>
    public async Task<ModelHead?> FindAtAsync(ModelName model, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        // One second of margin: stores compare times to the tick (Azure) or to the millisecond (Azurite).
        DateTimeOffset to = instant < DateTimeOffset.MaxValue.AddSeconds(-1) ? instant.AddSeconds(1) : instant;
        ModelHead head = await store.ReadEventsAsync(model, null, to, cancellationToken)
            .Where(happened => happened.At <= instant)
            .AggregateAsync(ModelHead.Empty(model), (sum, happened) => sum.Apply(happened), cancellationToken);
        return head.Exists ? head : null;
    }

    /// <summary>Lists the models that match <paramref name="query"/>, by name.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> for an impossible page.</exception>
    public async Task<ModelPage> ListAsync(ModelQuery query, CancellationToken cancellationToken)
    {
        if (query.Page < 1 || query.PageSize is < 1 or > ModelQuery.MaxPageSize)
        {
            throw new ServiceException(
                ErrorCode.InvalidRequest, $"Pages are counted from 1 and have 1 to {ModelQuery.MaxPageSize} models.");
        }

        IReadOnlyList<ModelHead> heads = await store.ListHeadsAsync(cancellationToken);
        List<ModelHead> found = [.. heads.Where(head => Matches(head, query))];
        int skipped = (int)Math.Min((long)(query.Page - 1) * query.PageSize, found.Count);
        return new ModelPage([.. found.Skip(skipped).Take(query.PageSize)], query.Page, query.PageSize, found.Count);
    }

    /// <param name="model">A model that does not exist.</param>
    /// <returns>Why no model of this name may be created; null if it may.</returns>
    public async Task<string?> FindNameConflictAsync(ModelName model, CancellationToken cancellationToken) =>
        await store.FindAlikeAsync(model, cancellationToken) is { } alike && alike != model
            ? RegistryStore.NameConflict(model, alike)
            : null;

    /// <param name="model">A model that does not exist.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/>: see <see cref="FindNameConflictAsync"/>.</exception>
    public async Task CheckNameAsync(ModelName model, CancellationToken cancellationToken)
    {
        if (await FindNameConflictAsync(model, cancellationToken) is { } conflict)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, conflict);
        }
    }

    /// <summary>Sets description and tags; null leaves one unchanged. Creates the model if it does not exist.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.PayloadTooLarge"/>: 512 KiB together.</exception>
    public async Task<ModelHead> DescribeAsync(
        ModelName model, string? description, IReadOnlyDictionary<string, string>? tags, Actor actor, CancellationToken cancellationToken)
    {
        if (await FindAsync(model, cancellationToken) is null)
        {
            await CheckNameAsync(model, cancellationToken);
        }

        return await store.AppendAsync(model, head =>
        {
            bool same = (description is null || head.Description == description) && (tags is null || HasExactly(head, tags));
            return same && head.Exists ? [] : [new ModelDescribed(description, tags) { Actor = actor }];
        }, cancellationToken);
    }

    private static bool HasExactly(ModelHead head, IReadOnlyDictionary<string, string> tags) =>
        tags.Count == head.Tags.Count
        && tags.All(tag => head.Tags.TryGetValue(tag.Key, out string? value) && value == tag.Value);

    /// <summary>Archives a model, which takes it out of use and out of lists, or restores it. Versions, aliases and history stay.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>.</exception>
    public Task<ModelHead> ArchiveAsync(ModelName model, bool archived, Actor actor, CancellationToken cancellationToken) =>
        store.AppendAsync(model,
            head => !head.Exists ? throw NoModel(model)
                : head.Archived == archived ? []
                : [.. archived ? EndSplit(head, next: null, actor) : [], new ModelArchived(archived) { Actor = actor }],
            cancellationToken);

    /// <summary>Records that a drop was refused, once for each operation.</summary>
    /// <param name="model">A model's name or <see cref="ModelName.Unnamed"/>.</param>
    /// <param name="blobName">The dropped model's blob in the drop container.</param>
    /// <param name="actor">Actor with the operation.</param>
    public async Task RecordRejectionAsync(
        ModelName model, string blobName, IReadOnlyList<string> reasons, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Operation is null)
        {
            throw new ArgumentException("The actor has no operation.", nameof(actor));
        }

        bool recorded = false;
        await store.AppendOnceAsync(model, actor.Operation, (_, own) =>
        {
            recorded = !own.OfType<DropRejected>().Any();
            return recorded ? [new DropRejected(blobName, ErrorText.Bounded(reasons)) { Actor = actor }] : [];
        }, cancellationToken);
        if (recorded)
        {
            Log.DropRejected(logger, blobName, reasons.Count);
        }
    }

    private static bool Matches(ModelHead head, ModelQuery query)
    {
        bool named = query.Search is null
            || head.Name.Value.Contains(query.Search, StringComparison.OrdinalIgnoreCase)
            || head.Description.Contains(query.Search, StringComparison.OrdinalIgnoreCase);
        return named && head.Archived == query.Archived && HasTag(head, query.Tag) && query.Sees?.Invoke(head.Name) != false;
    }

    /// <param name="tag"><c>key</c> or <c>key=value</c>; null: any.</param>
    internal static bool HasTag(ModelHead head, string? tag)
    {
        if (tag is null)
        {
            return true;
        }

        // A key may itself contain '=', so the whole text may also be a key.
        int separator = tag.IndexOf('=', StringComparison.Ordinal);
        return head.Tags.ContainsKey(tag)
            || (separator > 0 && head.Tags.TryGetValue(tag[..separator], out string? value) && value == tag[(separator + 1)..]);
    }

    private static VersionEntry GetVersion(ModelHead head, int version) =>
        !head.Exists ? throw new ServiceException(ErrorCode.ModelNotFound, $"There is no model '{head.Name}'.")
        : head.FindVersion(version) ?? throw new ServiceException(
            ErrorCode.VersionNotFound, $"Model '{head.Name}' has no version {version}.");

    private static ServiceException NoModel(ModelName model) => new(ErrorCode.ModelNotFound, $"There is no model '{model}'.");

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Information, "Registered version {Version} of {Model}")]
        public static partial void VersionRegistered(ILogger logger, ModelName model, int version);

        [LoggerMessage(2002, LogLevel.Information, "Version {Version} of {Model} is now {Status}")]
        public static partial void StatusChanged(ILogger logger, ModelName model, int version, VersionStatus status);

        [LoggerMessage(2003, LogLevel.Information, "Alias {Alias} of {Model} moved from {From} to {To}")]
        public static partial void AliasMoved(ILogger logger, ModelName model, string alias, int? from, int to);

        [LoggerMessage(2004, LogLevel.Information, "Alias {Alias} of {Model} deleted")]
        public static partial void AliasDeleted(ILogger logger, ModelName model, AliasName alias);

        [LoggerMessage(2007, LogLevel.Information, "{Percent} % of the traffic of {Model} goes to version {Version}")]
        public static partial void TrafficShifted(ILogger logger, ModelName model, int version, int percent);

        [LoggerMessage(2005, LogLevel.Warning, "Drop {Path} refused for {Count} reasons")]
        public static partial void DropRejected(ILogger logger, string path, int count);

        [LoggerMessage(2006, LogLevel.Information, "Version number {Version} of {Model} is already taken; its files are removed")]
        public static partial void VersionTaken(ILogger logger, ModelName model, int version);
    }
}
