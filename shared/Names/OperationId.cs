using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Modeldrop.Errors;

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
/// <remarks>
/// No model name contains <c>~</c>, so the operations of a model are those with the prefix <c>&lt;model&gt;~</c>. Its text is also a folder
/// name, a header value and a table key, and its characters suit all of them.
/// </remarks>
[JsonConverter(typeof(Converter))]
public readonly partial record struct OperationId
{
    private static readonly string[] Kinds = [.. Enum.GetNames<OperationKind>().Select(name => name.ToLowerInvariant())];

    private OperationId(ModelName model, OperationKind kind, string suffix)
    {
        Model = model;
        Kind = kind;
        Suffix = suffix;
    }

    /// <summary>The model that it is about; <see cref="ModelName.Unnamed"/> for a drop whose folder is not a model name.</summary>
    public ModelName Model { get; }

    public OperationKind Kind { get; }

    /// <summary>Distinguishes the operations of one kind and model: 1 to 27 letters, digits or <c>-</c>.</summary>
    public string Suffix { get; }

    /// <summary>
    /// The id of the registration of one version of a drop. The same drop has the same id, however often it is announced.
    /// </summary>
    /// <param name="etag">ETag of the <c>.onnx</c> blob, with or without quotes.</param>
    public static OperationId ForDrop(ModelName? model, string path, string etag) =>
        new(model ?? ModelName.Unnamed, OperationKind.Register, HashOf($"{path}\n{etag.Trim('"')}"));

    /// <summary>
    /// The id of the operation that a companion starts when it arrives after its drop was taken. The same file has the same id.
    /// </summary>
    /// <param name="etag">ETag of the <c>.onnx</c> blob.</param>
    /// <param name="lateETag">ETag of the companion.</param>
    public static OperationId ForLateFile(ModelName? model, string path, string etag, string late, string lateETag) =>
        ForDrop(model, path, $"{etag.Trim('"')}\n{late}\n{lateETag.Trim('"')}");

    /// <summary>The id of the roll back that follows from a report. The same report has the same id.</summary>
    public static OperationId ForReport(VersionName version, DateTimeOffset from, DateTimeOffset to) =>
        new(version.Model, OperationKind.RollBack, HashOf($"{version.Number}\n{from:O}\n{to:O}"));

    public static OperationId New(ModelName model, OperationKind kind, Guid unique) =>
        new(model, kind, unique.ToString("N")[..16]);

    /// <summary>The prefix of the ids of all operations of a model.</summary>
    public static string PrefixOf(ModelName model) => $"{model}~";

    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.OperationNotFound"/> when <paramref name="text"/> is not an id: no operation can have it.
    /// </exception>
    public static OperationId Parse(string text) =>
        Find(text) ?? throw NotFound(text);

    /// <summary>The id, or null if <paramref name="text"/> is not one.</summary>
    public static OperationId? Find(string? text) =>
        text?.Split('~') is [var name, var kind, var suffix]
            && ModelName.FindStored(name) is { } model
            && Array.IndexOf(Kinds, kind) is var number and >= 0
            && SuffixPattern().IsMatch(suffix)
            ? new OperationId(model, (OperationKind)number, suffix)
            : null;

    /// <summary>The error for an id that no operation has.</summary>
    public static ServiceException NotFound(string text) => new(ErrorCode.OperationNotFound, $"There is no operation '{text}'.");

    public override string ToString() => $"{Model}~{Kinds[(int)Kind]}~{Suffix}";

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    [GeneratedRegex(@"^[A-Za-z0-9-]{1,27}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SuffixPattern();

    private sealed class Converter() : NameConverter<OperationId>(Find);
}
