using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Storage;

/// <summary>An HTTP caller gets an answer soon when the store is unavailable, even if it accepts connections and never responds.</summary>
public sealed class StorePatienceTests
{
    [Fact]
    public async Task Read_StoreAcceptsTheRequestAndNeverAnswers_IsUnavailable()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var account = new StorageAccount(
            Options.Create(new StorageOptions { ConnectionString = ConnectionString(((IPEndPoint)silent.LocalEndpoint).Port) }));
        StorePatience.Limit(TimeSpan.FromMilliseconds(300));

        // Without the limit each attempt would wait for 100 s.
        Task read = new VersionStore(account).GetAsync(new VersionName(ModelName.Parse("m"), 1), TestContext.Current.CancellationToken);

        Assert.Equal(ErrorCode.StoreUnavailable, (await Assert.ThrowsAsync<ServiceException>(() => read)).Code);
    }

    private static string ConnectionString(int port) =>
        $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
        + $"BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;TableEndpoint=http://127.0.0.1:{port}/devstoreaccount1;";
}
