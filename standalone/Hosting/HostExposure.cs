using System.Net;
using Microsoft.AspNetCore.Http;

namespace Modeldrop.Standalone.Hosting;

/// <summary>Determines who can reach the addresses of the host.</summary>
internal static class HostExposure
{
    /// <summary>Whether all of them can be reached only from this machine.</summary>
    public static bool IsLoopbackOnly(string urls) =>
        !urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Any(IsExposed);

    private static bool IsExposed(string url)
    {
        try
        {
            BindingAddress address = BindingAddress.Parse(url);
            bool isLocal = address.IsUnixPipe || address.IsNamedPipe || address.Host == "localhost"
                || (IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip));
            return !isLocal;
        }
        catch (FormatException)
        {
            // The web server reports what is wrong with the address.
            return true;
        }
    }
}
