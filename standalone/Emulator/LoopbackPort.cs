using System.Net;
using System.Net.Sockets;

namespace Modeldrop.Standalone.Emulator;

internal static class LoopbackPort
{
    public static bool IsFree(int port) => IsFree(new IPEndPoint(IPAddress.Loopback, port));

    public static bool IsFree(IPEndPoint endpoint)
    {
        using var listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(endpoint);
            listener.Listen();
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
