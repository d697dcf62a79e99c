using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>A feature in a window and its reference. The names of the bins are those of <see cref="ReferenceFeature.BinLabels"/>.</summary>
public sealed record WindowFeature(
    Feature Feature, IReadOnlyList<string> Bins, FeatureCounts Reference, FeatureCounts Counts, double? Mean, double? Deviation);

/// <summary>The counts of a version for a window of event time, in its sealed bins: the sum of the window's hours.</summary>
/// <param name="OtherRows">Rows that were counted in other bins, or in none.</param>
public sealed record WindowProfile(
    int Version, DateTimeOffset From, DateTimeOffset To, string Reference, long Records, long Rows, long OtherRows,
    IReadOnlyList<WindowFeature> Features, long Transactions)
{
    /// <param name="from">Rounded down to the hour.</param>
    /// <param name="to">Exclusive; rounded up to the hour.</param>
    public static async Task<WindowProfile> ReadAsync(
        ProfileStore store, VersionName version, ReferenceProfile reference, DateTimeOffset from, DateTimeOffset to,
        CancellationToken cancellationToken)
    {
        using StorageMeter meter = StorageMeter.Start();
        (long first, long last) = (Hours.Floor(from), Hours.Ceiling(to));
        (_, HourProfile sum, long others) = await WindowHours.ReadAsync(
            store, version, reference, first, last, cancellationToken);
        return new WindowProfile(
            version.Number, Hours.StartOf(first), Hours.StartOf(last), reference.Digest, sum.Records, sum.Rows, others,
            [
                .. reference.Features.Select((feature, index) => new WindowFeature(
                    feature.Feature, feature.BinLabels(), feature.Counts, sum.Features[index], feature.MeanOf(sum.Features[index]), feature
                        .DeviationOf(sum.Features[index]))),
            ],
            meter.Transactions);
    }
}
