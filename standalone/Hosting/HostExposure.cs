using System.Net;
using Microsoft.AspNetCore.Http;

namespace Modeldrop.Standalone.Hosting;

/// <summary>Who can reach the addresses that the host listens on.</summary>
internal static class HostExposure
{
    /// <summary>Whether only this machine can reach all of them.</summary>
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
            // The web server says what is wrong with it.
            return true;
        }
    }
}
