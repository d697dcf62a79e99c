using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>The sealed bins of a version and the reference's counts: <c>profile.json</c>.</summary>
public sealed record ReferenceProfile
{
    /// <summary>Name of the version's document.</summary>
    public const string FileName = "profile.json";

    public int Format { get; init; } = 1;

    public required long Rows { get; init; }

    /// <summary>The first event of a reference that was taken from the log; null: the reference is data.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LoggedFrom { get; init; }

    /// <summary>The last event of a reference that was taken from the log.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LoggedTo { get; init; }

    /// <summary>The manifest's chance of a false alarm per check; null: the installation's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Significance { get; init; }

    /// <summary>Groups of rows that have their own features.</summary>
    public IReadOnlyList<SliceGroup> Slices { get; init; } = [];

    /// <summary>How often distinct rows of inputs occur in the reference: a <see cref="KeySample"/>, by hash in hexadecimal.</summary>
    public IReadOnlyDictionary<string, long> Keys { get; init; } = new Dictionary<string, long>();

    public required IReadOnlyList<ReferenceFeature> Features { get; init; }

    /// <summary>
    /// SHA-256 of the document in lower-case hexadecimal. Stored counts refer to their bins by it. Set by reading and writing.
    /// </summary>
    [JsonIgnore]
    public string Digest { get; private init; } = "";

    /// <summary>For each feature, the position of the same feature over all rows; for a feature of no slice, its own position.</summary>
    internal int[] Wholes() =>
        [.. Features.Select((one, index) => one.Feature.Slice < 0 ? index : Enumerable.Range(0, index).First(whole =>
            Features[whole].Feature is { Slice: < 0 } feature && feature.IsOutput == one.Feature.IsOutput
            && feature.Tensor == one.Feature.Tensor && feature.Column == one.Feature.Column))];

    /// <summary><see cref="Keys"/> as a sample.</summary>
    internal KeySample Sample()
    {
        var sample = new KeySample();
        foreach ((string hash, long times) in Keys)
        {
            sample.Add(ulong.Parse(hash, NumberStyles.HexNumber, CultureInfo.InvariantCulture), times);
        }

        return sample;
    }

    /// <summary>Returns the document, and the profile as it will be read back from it.</summary>
    public (byte[] Document, ReferenceProfile Profile) Seal()
    {
        byte[] document = JsonSerializer.SerializeToUtf8Bytes(this, StoredJson.Options);
        return (document, Parse(document));
    }

    public static ReferenceProfile Parse(byte[] document)
    {
        ReferenceProfile profile = JsonSerializer.Deserialize<ReferenceProfile>(document, StoredJson.Options)
            ?? throw new InvalidDataException($"'{FileName}' is empty.");
        return profile with { Digest = Convert.ToHexStringLower(SHA256.HashData(document)) };
    }
}
