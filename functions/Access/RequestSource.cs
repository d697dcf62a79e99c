using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Modeldrop.Access;

namespace Modeldrop.Functions.Access;

/// <summary>Where a request comes from: the machine, and the page that a browser sent it from.</summary>
internal static class RequestSource
{
    private const string ForwardedFor = "X-Forwarded-For";
    private const string ForwardedHost = "X-Forwarded-Host";
    private const string ForwardedProto = "X-Forwarded-Proto";

    /// <summary>The caller's address, to count wrong keys by. Behind a host it is what the host says, which a caller may invent.</summary>
    public static IPAddress? AddressOf(HttpContext http, AccessHost host)
    {
        string last = host.BehindHost ? http.Request.Headers[ForwardedFor].ToString().Split(',')[^1].Trim() : "";
        return IPEndPoint.TryParse(last, out IPEndPoint? forwarded) ? forwarded.Address : http.Connection.RemoteIpAddress;
    }

    /// <summary>Whether a request names this machine and comes from it: somebody else's name that leads here is foreign.</summary>
    public static bool IsLocal(HttpContext http)
    {
        string name = http.Request.Host.Host;
        bool isNamed = name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

        // Without an address it came through a socket of this machine.
        return isNamed && (http.Connection.RemoteIpAddress is not { } peer || IPAddress.IsLoopback(peer));
    }

    /// <summary>
    /// How the browser reached the app: <c>https://host</c>. A host in front may have put its own name in the place of the caller's.
    /// </summary>
    public static string PublicAddressOf(HttpRequest request)
    {
        string host = request.Headers[ForwardedHost].ToString();
        string scheme = request.Headers[ForwardedProto].ToString().Split(',')[0].Trim();
        return $"{(scheme is "http" or "https" ? scheme : request.Scheme)}://{(host.Length > 0 ? host : request.Host.Value)}";
    }

    /// <summary>Whether a page of another site has sent it. Browsers name the page's origin with all that could change something.</summary>
    public static bool IsForeign(HttpRequest request, IReadOnlyCollection<string> allowed)
    {
        if (!request.Headers.TryGetValue(HeaderNames.Origin, out var values))
        {
            return request.Headers["Sec-Fetch-Site"].ToString() == "cross-site" && !IsRead(request);
        }

        string origin = values.ToString();
        return !allowed.Contains(origin) && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && IsHost(request, page));
    }

    /// <summary>Whether a request changes nothing.</summary>
    public static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    // A host in front may have put its own name in the place of the caller's. A page of another site cannot set this header.
    private static bool IsHost(HttpRequest request, Uri page) =>
        Same(request.Host, page)
        || (request.Headers.TryGetValue(ForwardedHost, out var forwarded) && Same(new HostString(forwarded.ToString()), page));

    private static bool Same(HostString host, Uri page) =>
        host.HasValue
        && host.Host.Equals(page.Host, StringComparison.OrdinalIgnoreCase)
        && (host.Port is { } port ? port == page.Port : page.IsDefaultPort);
}
