using System.Diagnostics.Metrics;
using Modeldrop.Telemetry;

namespace Modeldrop.Access;

/// <summary>Why a request was refused.</summary>
public enum AccessRefusal
{
    /// <summary>It has no key, token or session.</summary>
    Missing,

    /// <summary>Its key does not belong to this installation.</summary>
    WrongKey,
    ExpiredKey,
    RevokedKey,

    /// <summary>The key is in the address.</summary>
    KeyInAddress,

    /// <summary>Its token is not accepted.</summary>
    WrongToken,

    /// <summary>Its session has ended.</summary>
    SignedOut,

    /// <summary>Its address has sent too many wrong keys.</summary>
    TooManyAttempts,

    /// <summary>The caller may not do this.</summary>
    NotAllowed,

    /// <summary>It comes from a page of another site.</summary>
    ForeignOrigin,

    /// <summary>It names another host, or comes from another machine, while there are no keys.</summary>
    NotLocal,

    /// <summary>No table contains the route.</summary>
    UnknownRoute,
}

/// <summary>Counts refused requests by reason.</summary>
public sealed class AccessMeter(IMeterFactory meters)
{
    private readonly Counter<long> _refused = meters.CreateServiceMeter().CreateCounter<long>(
        "access.refused", "{request}", "Requests that were refused, by reason.");

    public void Count(AccessRefusal reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));
}
