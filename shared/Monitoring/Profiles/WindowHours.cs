using Modeldrop.Names;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>The hours of a version in a window that were counted in the requested bins.</summary>
/// <param name="OtherRows">Rows of the window that were counted in other bins, or in none.</param>
internal sealed record WindowHours(IReadOnlyList<HourRow> Hours, HourProfile Sum, long OtherRows)
{
    /// <param name="reference">Digest of the bins; null: hours without bins.</param>
    /// <param name="toHour">Exclusive.</param>
    public static async Task<WindowHours> ReadAsync(
        ProfileStore store, VersionName version, ReferenceProfile? reference, long fromHour, long toHour,
        CancellationToken cancellationToken)
    {
        List<HourRow> hours = [];
        HourProfile sum = HourProfile.Empty(reference);
        long otherRows = 0;
        await foreach (HourRow row in store.ReadAsync(version, fromHour, toHour, cancellationToken))
        {
            if (row.Profile.Reference == reference?.Digest)
            {
                hours.Add(row);
                sum.Add(row.Profile);
            }
            else
            {
                otherRows += row.Profile.Rows;
            }
        }

        return new WindowHours(hours, sum, otherRows);
    }
}
