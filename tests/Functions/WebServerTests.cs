using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Modeldrop.Functions;

namespace Modeldrop.Tests.Functions;

/// <summary>The settings of the web server in both programs.</summary>
public sealed class WebServerTests
{
    /// <summary>In a queue, the answer of one connection waits while another receives its body.</summary>
    [Fact]
    public void AddModeldrop_Connections_ShareNoQueue()
    {
        using ServiceProvider services = Services();

        Assert.Equal(0, services.GetRequiredService<IOptions<SocketTransportOptions>>().Value.IOQueueCount);
    }

    [Fact]
    public void AddModeldrop_Bodies_AreAsLargeAsTheFunctionsHostLetsThrough()
    {
        using ServiceProvider services = Services();

        Assert.Equal(100 << 20, services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MaxRequestBodySize);
    }

    private static ServiceProvider Services() =>
        new ServiceCollection().AddModeldrop(new ConfigurationBuilder().Build()).BuildServiceProvider();
}
