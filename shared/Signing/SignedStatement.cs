using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modeldrop.Signing;

/// <summary>A file that a signature covers.</summary>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record SignedFile(string Name, string Sha256);

/// <summary>
/// The content of an OpenSSF Model Signing signature: an in-toto statement with the predicate <c>https://model_signing/signature/v1.0</c>,
/// the files by name with their SHA-256, and one digest of all of them.
/// </summary>
/// <param name="Ignored">Names of files that the signer has left out.</param>
internal sealed record SignedStatement(IReadOnlyList<SignedFile> Files, IReadOnlyList<string> Ignored)
{
    private const string StatementType = "https://in-toto.io/Statement/v1";

    private const string PredicateType = "https://model_signing/signature/v1.0";

    private const int MaxFiles = 20_000;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <exception cref="FormatException">The payload is not such a statement; the message says why.</exception>
    public static SignedStatement Read(byte[] payload)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(payload, Strict);
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("its payload is not a statement of OpenSSF Model Signing", exception);
        }
    }

    /// <summary>Writes the statement for files. <see cref="Read(byte[])"/> and the reference implementation can read it.</summary>
    /// <param name="name">The name of the model as a whole.</param>
    /// <param name="ignored">Names of other files that the statement does not cover.</param>
    public static byte[] Write(string name, IEnumerable<SignedFile> files, IReadOnlyList<string> ignored)
    {
        SignedFile[] sorted = [.. files.OrderBy(file => file.Name, StringComparer.Ordinal)];
        JsonNode[] resources = [.. sorted.Select(file => new JsonObject
        {
            ["name"] = file.Name, ["algorithm"] = "sha256", ["digest"] = file.Sha256,
        })];
        var statement = new JsonObject
        {
            ["_type"] = StatementType,
            ["subject"] = new JsonArray(new JsonObject
            {
                ["name"] = name, ["digest"] = new JsonObject { ["sha256"] = DigestOf(sorted) },
            }),
            ["predicateType"] = PredicateType,
            ["predicate"] = new JsonObject
            {
                ["serialization"] = new JsonObject
                {
                    ["method"] = "files",
                    ["hash_type"] = "sha256",
                    ["allow_symlinks"] = false,
                    ["ignore_paths"] = new JsonArray([.. ignored.Select(path => JsonValue.Create(path))]),
                },
                ["resources"] = new JsonArray(resources),
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes(statement);
    }

    private static SignedStatement Read(JsonElement root)
    {
        string type = root.GetProperty("predicateType").GetString() ?? "";
        if (root.GetProperty("_type").GetString() != StatementType || type != PredicateType)
        {
            throw new FormatException($"its payload must be a '{StatementType}' with the predicate '{PredicateType}', not '{Short(type)}'");
        }

        JsonElement predicate = root.GetProperty("predicate");
        JsonElement serialization = predicate.GetProperty("serialization");
        if (serialization.GetProperty("method").GetString() != "files" || serialization.GetProperty("hash_type").GetString() != "sha256")
        {
            throw new FormatException("it signs parts of files, or hashes other than SHA-256; sign whole files with SHA-256");
        }

        SignedFile[] files = [.. predicate.GetProperty("resources").EnumerateArray().Take(MaxFiles + 1).Select(ReadFile)];
        if (files.Length is 0 or > MaxFiles || files.Select(file => file.Name).Distinct(StringComparer.Ordinal).Count() != files.Length)
        {
            throw new FormatException($"it must name 1 to {MaxFiles} files, each once");
        }

        JsonElement subject = root.GetProperty("subject");
        if (subject.GetArrayLength() != 1
            || subject[0].GetProperty("digest").GetProperty("sha256").GetString() != DigestOf(files))
        {
            throw new FormatException("its digest of all files does not match the files that it names");
        }

        string[] ignored = serialization.TryGetProperty("ignore_paths", out JsonElement paths)
            ? [.. paths.EnumerateArray().Take(MaxFiles).Select(path => path.GetString() ?? "")]
            : [];
        return new SignedStatement(files, ignored);
    }

    private static SignedFile ReadFile(JsonElement resource)
    {
        string digest = resource.GetProperty("digest").GetString() ?? "";
        return resource.GetProperty("algorithm").GetString() == "sha256" && digest.Length == 64 && digest.All(char.IsAsciiHexDigitLower)
            ? new SignedFile(resource.GetProperty("name").GetString() ?? "", digest)
            : throw new FormatException("it names a file without a SHA-256");
    }

    /// <summary>SHA-256 over the concatenated digests of the files, in their order.</summary>
    private static string DigestOf(IEnumerable<SignedFile> files)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (SignedFile file in files)
        {
            hash.AppendData(Convert.FromHexString(file.Sha256));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Short(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
