using System.Collections.Concurrent;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>
/// Reads and writes the reference profiles of versions. A sealed profile never changes, so profiles stay in memory once read.
/// </summary>
public sealed class ReferenceProfiles(VersionStore versions)
{
    private readonly ConcurrentDictionary<VersionName, ReferenceProfile> _found = new();

    /// <summary>
    /// Seals <paramref name="profile"/> with the version. A repeated call with the same reference data writes the same bytes.
    /// </summary>
    public async Task<ReferenceProfile> WriteAsync(
        VersionName version, ReferenceProfile profile, CancellationToken cancellationToken)
    {
        (byte[] document, ReferenceProfile sealedProfile) = profile.Seal();
        await versions.WriteDocumentAsync(version, ReferenceProfile.FileName, document, cancellationToken);
        return sealedProfile;
    }

    /// <summary>Seals a profile that several processes may write: the first one stays.</summary>
    public Task TryWriteAsync(VersionName version, ReferenceProfile profile, CancellationToken cancellationToken) =>
        versions.TryWriteDocumentAsync(version, ReferenceProfile.FileName, profile.Seal().Document, etag: null, cancellationToken);

    /// <summary>The version's profile; null if it has no reference data.</summary>
    public async Task<ReferenceProfile?> FindAsync(
        VersionName version, CancellationToken cancellationToken)
    {
        if (_found.TryGetValue(version, out ReferenceProfile? known))
        {
            return known;
        }

        byte[]? document = await versions.FindDocumentAsync(version, ReferenceProfile.FileName, cancellationToken);
        return document is null ? null : _found.GetOrAdd(version, ReferenceProfile.Parse(document));
    }
}
