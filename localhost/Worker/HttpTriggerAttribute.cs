namespace Modeldrop.LocalHost;

/// <summary>Runs the function for an HTTP request.</summary>
/// <remarks>
/// Always pass the level: as in the real package, the constructor without arguments means
/// <see cref="AuthorizationLevel.Function"/>, the one with methods only means <see cref="AuthorizationLevel.Anonymous"/>.
/// </remarks>
public sealed class HttpTriggerAttribute : TriggerBindingAttribute
{
    public HttpTriggerAttribute() => AuthLevel = AuthorizationLevel.Function;

    public HttpTriggerAttribute(params string[] methods) => Methods = methods;

    public HttpTriggerAttribute(AuthorizationLevel authLevel) => AuthLevel = authLevel;

    public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
    {
        AuthLevel = authLevel;
        Methods = methods;
    }

    /// <summary>Route template below the prefix of host.json; null for the function's name.</summary>
    public string? Route { get; set; }

    /// <summary>Null or empty for all methods.</summary>
    public string[]? Methods { get; }

    public AuthorizationLevel AuthLevel { get; }
}

/// <summary>The key that a request must carry. The numbers are those of the real package, which has two more levels.</summary>
public enum AuthorizationLevel
{
    Anonymous = 0,

    /// <summary>The function key or the admin key.</summary>
    Function = 2,

    /// <summary>The admin key.</summary>
    Admin = 4,
}
