using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Modeldrop.Standalone.Emulator;

namespace Modeldrop.Standalone.Hosting;

/// <summary>The addresses of the host: <c>ASPNETCORE_URLS</c>, or port 7071 of the loopback address.</summary>
internal static class HostAddress
{
    public const string Default = "http://127.0.0.1:7071";

    private const string UrlsKey = "urls";

    public static string Urls(IConfiguration configuration) => configuration[UrlsKey] is { Length: > 0 } urls ? urls : Default;

    /// <summary>Returns the first address on which another program listens; null if there is none.</summary>
    public static string? FindInUse(string urls) =>
        urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault(url => Endpoint(url) is { Port: not 0 } endpoint && !LoopbackPort.IsFree(endpoint));

    public static string InUseMessage(string urls) =>
        $"The address {urls} is in use by another program, perhaps another instance of this app. "
        + "Stop that one, or choose another address with the environment variable ASPNETCORE_URLS, "
        + "such as ASPNETCORE_URLS=http://127.0.0.1:7072.";

    private static IPEndPoint? Endpoint(string url)
    {
        try
        {
            BindingAddress address = BindingAddress.Parse(url);
            return address.IsUnixPipe || address.IsNamedPipe ? null
                : IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? ip) ? new IPEndPoint(ip, address.Port)
                : new IPEndPoint(address.Host == "localhost" ? IPAddress.Loopback : IPAddress.Any, address.Port);
        }
        catch (FormatException)
        {
            // Kestrel reports what is wrong with the address.
            return null;
        }
    }
}
