using System.Collections.Immutable;
using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Registry;

public sealed partial class RegistryService
{
    /// <summary>Creates a model without a version.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.AlreadyExists"/>, also if the existing model is archived; <see cref="ErrorCode.InvalidRequest"/> for a name
    /// that differs from an existing one only in case.
    /// </exception>
    public async Task<ModelHead> CreateAsync(
        ModelName model, string? description, IReadOnlyDictionary<string, string> tags, Actor actor, CancellationToken cancellationToken)
    {
        if (await FindAsync(model, cancellationToken) is null)
        {
            await CheckNameAsync(model, cancellationToken);
        }

        return await store.AppendAsync(
            model,
            head => !head.Exists ? [new ModelDescribed(description ?? "", tags) { Actor = actor }]
                : throw new ServiceException(ErrorCode.AlreadyExists,
                    $"Registered Model (name={model}) already exists{(head.Archived ? "; it is archived" : "")}."),
            cancellationToken);
    }

    /// <summary>Sets one of a model's tags and leaves the others unchanged.</summary>
    /// <param name="value">Null: the tag is deleted.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>.</exception>
    public Task<ModelHead> SetTagAsync(ModelName model, string key, string? value, Actor actor, CancellationToken cancellationToken) =>
        store.AppendAsync(
            model,
            head =>
            {
                ImmutableSortedDictionary<string, string> tags = !head.Exists ? throw NoModel(model)
                    : value is null ? head.Tags.Remove(key)
                    : head.Tags.SetItem(key, value);
                return tags == head.Tags ? [] : [new ModelDescribed(null, tags) { Actor = actor }];
            },
            cancellationToken);

    /// <summary>Returns the version that an operation has registered; null: none yet, or its bytes already were a version.</summary>
    public async Task<int?> FindRegisteredAsync(ModelName model, OperationId operation, CancellationToken cancellationToken)
    {
        (_, IReadOnlyList<RegistryEvent> own) = await store.ReadAsync(model, operation, cancellationToken);
        return own.OfType<VersionRegistered>().FirstOrDefault()?.Version;
    }
}
