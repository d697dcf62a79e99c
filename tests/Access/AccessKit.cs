using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Access;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Access;

/// <summary>Keys on a separate account, as one instance of the app has them.</summary>
internal sealed class AccessKit
{
    public AccessKit(StorageAccount account, bool loopbackOnly = false, string ownerKey = "")
    {
        Store = new KeyStore(account);
        var options = Options.Create(new AccessOptions { OwnerKey = ownerKey });
        Ring = new KeyRing(Store, new AccessHost(loopbackOnly, MayMakeFirstKey: true), options, Clock);
        Keys = new KeyService(Store, Ring, Clock);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 5, 6, 12, 0, 0, TimeSpan.Zero));

    public KeyStore Store { get; }

    public KeyRing Ring { get; }

    public KeyService Keys { get; }

    public static NewKey New(string role, DateTimeOffset? expiresAt = null, params string[] scope) => new("a test", role, scope, expiresAt);
}
