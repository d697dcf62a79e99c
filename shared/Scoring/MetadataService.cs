using System.Globalization;
using Modeldrop.Errors;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Scoring;

// Answers of the protocol's metadata routes: the names of their members are the protocol's.

public sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions);

public sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<long> Shape)
{
    internal static TensorMetadata From(TensorSpec spec) => new(spec.Name, spec.Datatype.ProtocolName(), spec.Shape);
}

/// <param name="Versions">As text, as the protocol wants it.</param>
public sealed record ModelMetadata(
    string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs);

public sealed record ModelReadiness(string Name, bool Ready);

/// <param name="State"><c>READY</c> or <c>UNAVAILABLE</c>.</param>
public sealed record RepositoryEntry(string Name, string Version, string State, string Reason);

/// <summary>What the server says of itself and of its models.</summary>
public sealed class MetadataService(TrafficRouter router, VersionStore versions, SessionCache sessions)
{
    private const string Platform = "onnx_onnxv1";

    public static ServerMetadata Server { get; } = new(
        "modeldrop", typeof(MetadataService).Assembly.GetName().Version?.ToString(3) ?? "0", []);

    public bool IsReady => router.IsReady;

    /// <summary>Names of the models that have a champion.</summary>
    public IReadOnlyList<string> Models => [.. router.Current.Models.Where(head => head.FindAlias(AliasName.Champion) is not null).Select(head => head.Name).Order(StringComparer.Ordinal)];

    /// <param name="versionOrAlias">Null: the champion.</param>
    public async Task<ModelMetadata> DescribeAsync(string model, string? versionOrAlias, CancellationToken cancellationToken)
    {
        Route route = router.Current.Resolve(model, versionOrAlias);
        ModelVersion version = await versions.GetAsync(route.Model, route.Version.Version, cancellationToken);
        string[] served = [.. router.Current.Get(model).Versions.Where(entry => entry.Status.MayServe()).Select(entry => entry.Version.ToString(CultureInfo.InvariantCulture))];
        Signature signature = version.Inspection.Signature;
        return new ModelMetadata(model, served, Platform, [.. signature.Inputs.Select(TensorMetadata.From)], [.. signature.Outputs.Select(TensorMetadata.From)]);
    }

    /// <summary>Loads the version if need be: ready means that the next request is scored.</summary>
    /// <exception cref="ServiceException">Why it is not.</exception>
    public async Task EnsureReadyAsync(string model, string? versionOrAlias, CancellationToken cancellationToken)
    {
        Route route = router.Current.Resolve(model, versionOrAlias);
        using SessionLease lease = await sessions.UseAsync(route.Model, route.Version, cancellationToken);
    }

    public IReadOnlyList<RepositoryEntry> Index() =>
    [
        .. from head in router.Current.Models.OrderBy(head => head.Name, StringComparer.Ordinal)
           from version in head.Versions
           let ready = version.Status.MayServe()
           select new RepositoryEntry(
               head.Name, version.Version.ToString(CultureInfo.InvariantCulture), ready ? "READY" : "UNAVAILABLE", ready ? "" : version.Status.ToString()),
    ];
}
