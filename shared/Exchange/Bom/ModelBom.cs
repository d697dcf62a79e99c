using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Exchange.Bom;

/// <summary>
/// The bill of materials of a version, in CycloneDX 1.6 for machine-learning models. The same version gives the same text.
/// </summary>
public sealed class ModelBom(RegistryService registry, VersionStore versions)
{
    private const string ModelReference = "model";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.StoreUnavailable"/>.
    /// </exception>
    public async Task<byte[]> MakeAsync(VersionName version, CancellationToken cancellationToken)
    {
        ModelHead head = await registry.GetAsync(version.Model, cancellationToken);
        VersionEntry entry = head.FindVersion(version.Number)
            ?? throw new ServiceException(ErrorCode.VersionNotFound, $"Model '{version.Model}' has no version {version.Number}.");
        ModelVersion record = await versions.GetAsync(version.Model, entry, cancellationToken);
        byte[]? report = await versions.FindDocumentAsync(version, VersionDocuments.Report, cancellationToken);
        return JsonSerializer.SerializeToUtf8Bytes(Of(record, report), Indented);
    }

    /// <param name="report">The stored validation report; null: there is none.</param>
    internal static JsonObject Of(ModelVersion version, byte[]? report)
    {
        JsonObject[] components = [.. version.Files.Where(file => file.Path != ModelVersion.ModelFile).Select(FileOf), .. DataOf(version)];
        return new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["serialNumber"] = $"urn:uuid:{IdOf(version)}",
            ["version"] = 1,
            ["metadata"] = new JsonObject { ["component"] = ModelOf(version, report) },
            ["components"] = new JsonArray(components),
            ["dependencies"] = new JsonArray(new JsonObject
            {
                ["ref"] = ModelReference,
                ["dependsOn"] = new JsonArray([.. components.Select(component => JsonValue.Create((string)component["bom-ref"]!))]),
            }),
        };
    }

    private static JsonObject ModelOf(ModelVersion version, byte[]? report)
    {
        var component = new JsonObject
        {
            ["type"] = "machine-learning-model",
            ["bom-ref"] = ModelReference,
            ["name"] = version.Model.Value,
            ["version"] = $"{version.Number}",
            ["description"] = version.Manifest.Description ?? "",
            ["hashes"] = Hashes(version.ModelSha256),
            ["modelCard"] = CardOf(version, report),
            ["properties"] = new JsonArray([.. BomProperties.Of(version).Select(
                property => new JsonObject { ["name"] = property.Name, ["value"] = property.Value })]),
        };
        if (version.Origin is { } origin)
        {
            component["pedigree"] = new JsonObject
            {
                ["ancestors"] = new JsonArray([.. new[] { origin }.Concat(origin.Earlier).Select(AncestorOf)]),
            };
        }

        return component;
    }

    private static JsonObject CardOf(ModelVersion version, byte[]? report)
    {
        var parameters = new JsonObject();
        if (version.Manifest.Task is { } task)
        {
            parameters["task"] = task.ToString().ToLowerInvariant();
        }

        if (version.Dataset is not null)
        {
            parameters["datasets"] = new JsonArray(new JsonObject { ["ref"] = "dataset" });
        }

        parameters["inputs"] = Formats(version.Inspection.Signature.Inputs);
        parameters["outputs"] = Formats(version.Inspection.Signature.Outputs);
        var card = new JsonObject { ["modelParameters"] = parameters };
        JsonObject[] metrics = [.. BomMetrics.Of(report)];
        if (metrics.Length > 0)
        {
            card["quantitativeAnalysis"] = new JsonObject { ["performanceMetrics"] = new JsonArray(metrics) };
        }

        return card;
    }

    private static JsonArray Formats(IEnumerable<TensorSpec> tensors) =>
        new([.. tensors.Select(tensor => new JsonObject { ["format"] = tensor.ToString() })]);

    private static JsonObject AncestorOf(VersionOrigin origin) => new()
    {
        ["type"] = "machine-learning-model",
        ["group"] = origin.Installation,
        ["name"] = origin.Model.Value,
        ["version"] = $"{origin.Version}",
        ["properties"] = new JsonArray(new JsonObject { ["name"] = "modeldrop:digest", ["value"] = origin.Digest }),
    };

    private static JsonObject FileOf(VersionFile file) => new()
    {
        ["type"] = "file",
        ["bom-ref"] = $"file:{file.Path}",
        ["name"] = file.Path,
        ["hashes"] = Hashes(file.Sha256),
        ["properties"] = new JsonArray(new JsonObject { ["name"] = "modeldrop:bytes", ["value"] = $"{file.Bytes}" }),
    };

    private static IEnumerable<JsonObject> DataOf(ModelVersion version)
    {
        if (version.Dataset is { } dataset)
        {
            yield return new JsonObject
            {
                ["type"] = "data",
                ["bom-ref"] = "dataset",
                ["name"] = dataset.Name,
                ["version"] = $"{dataset.Version}",
                ["hashes"] = Hashes(dataset.Digest),
            };
        }
    }

    private static JsonArray Hashes(string sha256) => new(new JsonObject { ["alg"] = "SHA-256", ["content"] = sha256 });

    /// <summary>Derived from the content, not from the time: a UUID of version 8, whose bits are free to choose.</summary>
    private static Guid IdOf(ModelVersion version)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{version.Model}\n{version.Number}\n{version.Digest}"))[..16];
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
