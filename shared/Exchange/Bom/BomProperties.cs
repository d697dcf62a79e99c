using System.Globalization;
using Modeldrop.Registry;

namespace Modeldrop.Exchange.Bom;

/// <summary>Facts that CycloneDX has no members for, as properties.</summary>
internal static class BomProperties
{
    public static IEnumerable<(string Name, string Value)> Of(ModelVersion version)
    {
        ModelInspection inspection = version.Inspection;
        yield return ("modeldrop:digest", version.Digest);
        yield return ("modeldrop:registeredAt", version.RegisteredAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        yield return ("modeldrop:operation", version.Operation.ToString());
        yield return ("onnx:irVersion", Number(inspection.IrVersion));
        yield return ("onnx:parameters", Number(inspection.Parameters));
        if (inspection.Producer.Length > 0)
        {
            yield return ("onnx:producer", inspection.Producer);
        }

        foreach ((string domain, long opset) in inspection.Opsets.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            yield return ($"onnx:opset:{domain}", Number(opset));
        }

        foreach ((string name, string value) in inspection.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            yield return ($"onnx:metadata:{name}", value);
        }

        foreach (SignatureFinding finding in version.Signatures ?? [])
        {
            yield return ($"modeldrop:signature:{finding.File}", $"{finding.Verdict}: {finding.Explanation}");
        }

        if (version.Manifest.Source is { } source)
        {
            yield return ("modeldrop:source:git", source.Git ?? "");
            yield return ("modeldrop:source:run", source.Run ?? "");
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
