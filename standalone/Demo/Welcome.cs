using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Modeldrop.Storage;

namespace Modeldrop.Standalone.Demo;

/// <summary>Says on the console where everything is, once the server listens.</summary>
internal sealed class Welcome(IServer server, IConfiguration configuration, IHostApplicationLifetime lifetime) : IHostedService
{
    private const string ExampleRequest =
        """{"inputs":[{"name":"hour","shape":[1,1],"datatype":"INT64","data":[17]},{"name":"dow","shape":[1,1],"datatype":"INT64","data":[5]},{"name":"distance","shape":[1,1],"datatype":"FP32","data":[733]},{"name":"origin","shape":[1,1],"datatype":"BYTES","data":["ORD"]},{"name":"destination","shape":[1,1],"datatype":"BYTES","data":["LGA"]}]}""";

    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The server's address, known when it listens.</summary>
    public Task<Uri> Address => _address.Task;

    /// <summary>How the storage account is reached by a tool on this machine.</summary>
    public string ConnectionString => configuration[StorageOptions.ConnectionName] ?? "";

    /// <summary>The full name of the container of drops.</summary>
    public string DropContainer => configuration["Storage:DropContainer"]!;

    /// <summary>The key that opens every route; null when none is set.</summary>
    public string? Key => configuration["Host:Keys:Admin"] is { Length: > 0 } key ? key : null;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Greet);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Greet()
    {
        string listening = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://127.0.0.1:7071";
        var address = new Uri(listening.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal));
        // The emulator's key is the same everywhere and protects nothing. A real account's key does not go on a screen.
        string connection = ConnectionString.Contains("AccountName=devstoreaccount1;", StringComparison.Ordinal) ? ConnectionString : $"${StorageOptions.ConnectionName}";
        string code = Key is null ? "" : "?code=<admin key>";
        string header = Key is null ? "" : "-H 'x-functions-key: <key>' ";
        Console.WriteLine($"""

              Modeldrop serves.

              page        {address}{code}
              drop        container '{DropContainer}':  <model>/model.onnx and its companions
              upload      az storage blob upload --connection-string "{connection}" \
                            --container-name {DropContainer} --name flights/model.onnx --file samples/flights/1/model.onnx
              score       curl {address}v2/models/flights/infer {header}-d '{ExampleRequest}'
              stop        Ctrl-C

            """);
        _address.TrySetResult(address);
    }
}
