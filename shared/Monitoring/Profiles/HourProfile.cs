namespace Modeldrop.Monitoring.Profiles;

/// <summary>The counts of one version for one hour of event time.</summary>
/// <remarks>Addition is exact, commutative and associative: <see cref="FeatureCounts"/>.</remarks>
public sealed class HourProfile
{
    private HourProfile(string? reference, FeatureCounts[] features)
    {
        Reference = reference;
        Features = features;
    }

    /// <summary>
    /// <see cref="ReferenceProfile.Digest"/> of the bins; null: the version had none, so only records and rows are counted.
    /// </summary>
    public string? Reference { get; }

    public long Records { get; set; }

    public long Rows { get; set; }

    /// <summary>Total time in the model, in microseconds.</summary>
    public long DurationMicroseconds { get; set; }

    public long MaxDurationMicroseconds { get; set; }

    /// <summary>A sample of how often distinct inputs occur.</summary>
    public KeySample Keys { get; } = new();

    /// <summary>In the order of <see cref="ReferenceProfile.Features"/>.</summary>
    public IReadOnlyList<FeatureCounts> Features { get; }

    public static HourProfile Empty(ReferenceProfile? reference) =>
        new(reference?.Digest, reference is null ? [] : [.. reference.Features.Select(feature => feature.EmptyCounts())]);

    internal static HourProfile Of(string? reference, FeatureCounts[] features) => new(reference, features);

    /// <exception cref="ArgumentException">The other profile has different bins.</exception>
    public void Add(HourProfile other)
    {
        if (other.Reference != Reference)
        {
            throw new ArgumentException("Counts of different bins cannot be added.", nameof(other));
        }

        Records += other.Records;
        Rows += other.Rows;
        DurationMicroseconds += other.DurationMicroseconds;
        MaxDurationMicroseconds = Math.Max(MaxDurationMicroseconds, other.MaxDurationMicroseconds);
        Keys.Add(other.Keys);
        for (int feature = 0; feature < Features.Count; feature++)
        {
            Features[feature].Add(other.Features[feature]);
        }
    }
}
