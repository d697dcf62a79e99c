using System.Diagnostics.Metrics;
using Modeldrop.Telemetry;

namespace Modeldrop.Access;

/// <summary>Why a request was not let in.</summary>
public enum AccessRefusal
{
    /// <summary>It has no key, token or session.</summary>
    Missing,

    /// <summary>Its key is none of this installation.</summary>
    WrongKey,
    ExpiredKey,
    RevokedKey,

    /// <summary>The key is in the address.</summary>
    KeyInAddress,

    /// <summary>Its token is not one that is accepted.</summary>
    WrongToken,

    /// <summary>It is signed in no more.</summary>
    SignedOut,

    /// <summary>Too many wrong keys came from its address.</summary>
    TooManyAttempts,

    /// <summary>Who it is may not do this.</summary>
    NotAllowed,

    /// <summary>A page of another site has sent it.</summary>
    ForeignOrigin,

    /// <summary>It names another host, or comes from another machine, while there are no keys.</summary>
    NotLocal,

    /// <summary>The route is in no table.</summary>
    UnknownRoute,
}

/// <summary>Counts requests that were not let in, by reason.</summary>
public sealed class AccessMeter(IMeterFactory meters)
{
    private readonly Counter<long> _refused = meters.CreateServiceMeter().CreateCounter<long>(
        "access.refused", "{request}", "Requests that were not let in, by reason.");

    public void Count(AccessRefusal reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));
}
