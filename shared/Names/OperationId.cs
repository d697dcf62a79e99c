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

/// <summary>Names a durable operation: <c>&lt;model&gt;~&lt;kind&gt;~&lt;suffix&gt;</c>, at most 100 characters.</summary>
/// <remarks><c>~</c> is in no model name, so the operations of a model are those with the prefix <c>&lt;model&gt;~</c>.</remarks>
public sealed record OperationId(ModelName Model, OperationKind Kind, string Suffix)
{
    /// <summary>The registration of one version of a drop: the same drop gives the same id, however often it is announced.</summary>
    /// <param name="etag">Of the <c>.onnx</c> blob, with or without quotes.</param>
    public static OperationId ForDrop(ModelName? model, string path, string etag) =>
        new(model ?? ModelName.Unnamed, OperationKind.Register,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{path}\n{etag.Trim('"')}")))[..16]);

    /// <summary>What a companion starts that came after its drop was taken: the same file gives the same id.</summary>
    /// <param name="etag">Of the <c>.onnx</c> blob.</param>
    /// <param name="lateETag">Of the companion.</param>
    public static OperationId ForLateFile(ModelName? model, string path, string etag, string late, string lateETag) =>
        ForDrop(model, path, $"{etag.Trim('"')}\n{late}\n{lateETag.Trim('"')}");

    /// <summary>The roll back that follows from a report: the same report gives the same id.</summary>
    public static OperationId ForReport(VersionName version, DateTimeOffset from, DateTimeOffset to) =>
        new(
            version.Model, OperationKind.RollBack,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{version.Number}\n{from:O}\n{to:O}")))[..16]);

    public static OperationId New(ModelName model, OperationKind kind, Guid unique) =>
        new(model, kind, unique.ToString("N")[..16]);

    /// <summary>What all operations of a model start with.</summary>
    public static string PrefixOf(ModelName model) => $"{model}~";

    /// <summary>Takes an id apart; null if it is none.</summary>
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
