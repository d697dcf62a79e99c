using System.Security.Cryptography;
using System.Text;

namespace Modeldrop.Names;

public enum OperationKind
{
    Register,
    Promote,
    RollBack,
    Batch,
    Shadow,
    Push,
}

/// <summary>The id of a durable operation: <c>&lt;model&gt;~&lt;kind&gt;~&lt;suffix&gt;</c>, at most 100 characters.</summary>
/// <remarks>No model name contains <c>~</c>, so the operations of a model are those with the prefix <c>&lt;model&gt;~</c>.</remarks>
public sealed record OperationId(ModelName Model, OperationKind Kind, string Suffix)
{
    /// <summary>
    /// The id of the registration of one version of a drop. The same drop has the same id, however often it is announced.
    /// </summary>
    /// <param name="etag">ETag of the <c>.onnx</c> blob, with or without quotes.</param>
    public static OperationId ForDrop(ModelName? model, string path, string etag) =>
        new(model ?? ModelName.Unnamed, OperationKind.Register,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{path}\n{etag.Trim('"')}")))[..16]);

    /// <summary>
    /// The id of the operation that a companion starts when it arrives after its drop was taken. The same file has the same id.
    /// </summary>
    /// <param name="etag">ETag of the <c>.onnx</c> blob.</param>
    /// <param name="lateETag">ETag of the companion.</param>
    public static OperationId ForLateFile(ModelName? model, string path, string etag, string late, string lateETag) =>
        ForDrop(model, path, $"{etag.Trim('"')}\n{late}\n{lateETag.Trim('"')}");

    /// <summary>The id of the roll back that follows from a report. The same report has the same id.</summary>
    public static OperationId ForReport(VersionName version, DateTimeOffset from, DateTimeOffset to) =>
        new(
            version.Model, OperationKind.RollBack,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{version.Number}\n{from:O}\n{to:O}")))[..16]);

    public static OperationId New(ModelName model, OperationKind kind, Guid unique) =>
        new(model, kind, unique.ToString("N")[..16]);

    /// <summary>The prefix of the ids of all operations of a model.</summary>
    public static string PrefixOf(ModelName model) => $"{model}~";

    /// <summary>Parses an id; null if the text is not one.</summary>
    public static OperationId? Find(string text)
    {
        string[] parts = text.Split('~');
        return parts.Length == 3
                && ModelName.FindStored(parts[0]) is { } model
                && Enum.TryParse(parts[1], ignoreCase: true, out OperationKind kind)
            ? new OperationId(model, kind, parts[2])
            : null;
    }

    public override string ToString() => $"{Model}~{Name(Kind)}~{Suffix}";

    private static string Name(OperationKind kind) => kind.ToString().ToLowerInvariant();
}
