using System.Text.Json.Serialization;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary><c>GET /v2</c>.</summary>
public sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions);

/// <summary><c>GET /v2/health/live</c> and <c>/ready</c>: some clients read one member, some the other, some only the status.</summary>
public sealed record ServerHealth(bool Live, bool Ready);

/// <summary><c>GET /v2/models</c>.</summary>
public sealed record ModelList(IReadOnlyList<string> Models);

/// <summary><c>GET /v2/models/{m}</c>.</summary>
public sealed record ModelMetadata(
    string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs,
    IReadOnlyList<TensorMetadata> Outputs);

/// <summary>A declared tensor in the protocol's format; -1 is a variable dimension.</summary>
/// <param name="Shape">Null: the model does not declare the number of dimensions. Empty: a scalar.</param>
/// <param name="Parameters"><c>optional: true</c> for an input that may be omitted; null otherwise.</param>
public sealed record TensorMetadata(
    string Name,
    string Datatype,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<long>? Shape,
    IReadOnlyDictionary<string, bool>? Parameters)
{
    private static readonly Dictionary<string, bool> OptionalParameters = new() { ["optional"] = true };

    public static TensorMetadata Of(TensorSpec spec) =>
        new(spec.Name, spec.Datatype.ProtocolName(), spec.UnknownRank ? null : spec.Shape, spec.Optional ? OptionalParameters : null);
}

/// <summary><c>GET /v2/models/{m}/ready</c>.</summary>
public sealed record ModelReady(string Name, bool Ready);

/// <summary>An element of the answer to <c>POST /v2/repository/index</c>.</summary>
/// <param name="State"><c>READY</c> or <c>UNAVAILABLE</c>.</param>
public sealed record RepositoryEntry(string Name, string Version, string State, string Reason)
{
    [JsonIgnore]
    public bool IsReady => State == "READY";
}
