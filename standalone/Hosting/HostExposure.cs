using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Modeldrop.Standalone.Hosting;

/// <summary>Without keys every route is open, so only this machine may reach them.</summary>
internal static class HostExposure
{
    /// <exception cref="StartFailure">An address is reachable from other machines, and a key is missing.</exception>
    public static void Check(string urls, IConfiguration configuration)
    {
        string[] missing = [.. new[] { "Host:Keys:Function", "Host:Keys:Admin" }.Where(key => string.IsNullOrEmpty(configuration[key]))];
        string[] exposed = [.. urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(IsExposed)];
        if (missing.Length > 0 && exposed.Length > 0)
        {
            throw new StartFailure(
                $"Other machines can reach {string.Join(", ", exposed)}, and no key is set for {string.Join(" and ", missing)}. "
                + "Set Host__Keys__Function and Host__Keys__Admin, or listen on a loopback address only, such as http://127.0.0.1:7071.");
        }
    }

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
            return false;
        }
    }
}
