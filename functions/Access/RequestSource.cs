using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Modeldrop.Access;

namespace Modeldrop.Functions.Access;

/// <summary>The origin of a request: the machine, and the page from which a browser sent it.</summary>
internal static class RequestSource
{
    private const string ForwardedFor = "X-Forwarded-For";
    private const string ForwardedHost = "X-Forwarded-Host";
    private const string ForwardedProto = "X-Forwarded-Proto";

    /// <summary>
    /// The caller's address, by which wrong keys are counted. Behind a host it is the address that the host reports, which a caller may
    /// forge.
    /// </summary>
    public static IPAddress? AddressOf(HttpContext http, AccessHost host)
    {
        string last = host.BehindHost ? http.Request.Headers[ForwardedFor].ToString().Split(',')[^1].Trim() : "";
        return IPEndPoint.TryParse(last, out IPEndPoint? forwarded) ? forwarded.Address : http.Connection.RemoteIpAddress;
    }

    /// <summary>Whether a request names this machine and comes from it. Another name that resolves to this machine is foreign.</summary>
    public static bool IsLocal(HttpContext http)
    {
        string name = http.Request.Host.Host;
        bool isNamed = name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

        // A request without an address came through a local socket.
        return isNamed && (http.Connection.RemoteIpAddress is not { } peer || IPAddress.IsLoopback(peer));
    }

    /// <summary>
    /// The address at which the browser reached the app: <c>https://host</c>. A host in front may have replaced the name that the caller
    /// used.
    /// </summary>
    public static string PublicAddressOf(HttpRequest request)
    {
        string host = request.Headers[ForwardedHost].ToString();
        string scheme = request.Headers[ForwardedProto].ToString().Split(',')[0].Trim();
        return $"{(scheme is "http" or "https" ? scheme : request.Scheme)}://{(host.Length > 0 ? host : request.Host.Value)}";
    }

    /// <summary>
    /// Whether a page of another site has sent the request. Browsers state the page's origin in all requests that could change something.
    /// </summary>
    public static bool IsForeign(HttpRequest request, IReadOnlyCollection<string> allowed)
    {
        if (!request.Headers.TryGetValue(HeaderNames.Origin, out var values))
        {
            return request.Headers["Sec-Fetch-Site"].ToString() == "cross-site" && !IsRead(request);
        }

        string origin = values.ToString();
        return !allowed.Contains(origin) && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && IsHost(request, page));
    }

    /// <summary>Whether a request only reads.</summary>
    public static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    // A host in front may have replaced the name that the caller used. A page of another site cannot set this header.
    private static bool IsHost(HttpRequest request, Uri page) =>
        Same(request.Host, page)
        || (request.Headers.TryGetValue(ForwardedHost, out var forwarded) && Same(new HostString(forwarded.ToString()), page));

    private static bool Same(HostString host, Uri page) =>
        host.HasValue
        && host.Host.Equals(page.Host, StringComparison.OrdinalIgnoreCase)
        && (host.Port is { } port ? port == page.Port : page.IsDefaultPort);
}
