using System.Text.Json;
using System.Text.Json.Serialization;
using Modeldrop.Signing;
using Modeldrop.Storage;

namespace Modeldrop.Probe;

/// <summary>
/// The documents that go to and from the child, in the form of <see cref="StoredJson"/>. A child lives for less than a second, and without
/// generated code it would spend half of its processor time on reflection over these types.
/// </summary>
[JsonSerializable(typeof(ProbeRequest))]
[JsonSerializable(typeof(ProbeResult))]
[JsonSerializable(typeof(SignatureRequest))]
[JsonSerializable(typeof(List<TensorFile.Entry>))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class ProbeJson : JsonSerializerContext
{
    public static new JsonSerializerOptions Options { get; } = new(StoredJson.Options) { TypeInfoResolver = new ProbeJson() };
}
