using System.Collections.Frozen;
using Modeldrop.Errors;

namespace Modeldrop.Routing;

/// <summary>All serving models at one moment. Immutable: a request uses one snapshot from start to end.</summary>
public sealed class TrafficSnapshot
{
    public static readonly TrafficSnapshot Empty = new([]);

    private readonly FrozenDictionary<string, ServedModel> _models;

    public TrafficSnapshot(IReadOnlyCollection<ServedModel> models)
    {
        _models = models.ToFrozenDictionary(model => model.Name.Value, StringComparer.Ordinal);
        Models = [.. models.OrderBy(model => model.Name.Value, StringComparer.Ordinal)];
    }

    /// <summary>By name; without archived models.</summary>
    public IReadOnlyList<ServedModel> Models { get; }

    public ServedModel? Find(string model) => _models.GetValueOrDefault(model);

    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>, also when it is archived.</exception>
    public ServedModel Get(string model) =>
        Find(model) ?? throw new ServiceException(ErrorCode.ModelNotFound, $"There is no model '{model}'.");
}
