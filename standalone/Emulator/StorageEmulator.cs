using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Modeldrop.Standalone.Emulator;

/// <summary>A storage emulator (Azurite) that ends with this process, even if this process is killed.</summary>
public sealed class StorageEmulator : IAsyncDisposable
{
    // The emulator's only account, the same everywhere; it protects nothing.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly int[] DefaultPorts = [10000, 10001, 10002];
    private static readonly int[] AnyPorts = [0, 0, 0];

    // A stopping host has 30 s for its work, and the emulator 10 s for its data.
    private static readonly TimeSpan PatienceWithPredecessor = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan PatienceWithExit = TimeSpan.FromSeconds(15);

    private readonly EmulatorProcess _process;
    private readonly FileStream? _lock;

    private StorageEmulator(EmulatorProcess process, FileStream? @lock)
    {
        _process = process;
        _lock = @lock;
        ConnectionString =
            $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};"
            + $"BlobEndpoint={process.Endpoints[0]}/{Account};QueueEndpoint={process.Endpoints[1]}/{Account};"
            + $"TableEndpoint={process.Endpoints[2]}/{Account};";
    }

    public string ConnectionString { get; }

    /// <summary>Installs the emulator if necessary and starts it.</summary>
    /// <returns>The emulator, once it answers.</returns>
    /// <exception cref="EmulatorException">It cannot be installed or started, or another process uses its data.</exception>
    public static async Task<StorageEmulator> StartAsync(StorageEmulatorOptions options, CancellationToken cancellationToken = default)
    {
        string installation = await EmulatorInstall.EnsureAsync(options, cancellationToken);
        if (options.DataPath is null)
        {
            EmulatorProcess inMemory = await StartProcessAsync(installation, "-", ["--inMemoryPersistence"], options, cancellationToken);
            return new StorageEmulator(inMemory, @lock: null);
        }

        string data = Path.GetFullPath(options.DataPath);
        Directory.CreateDirectory(data);
        FileStream @lock = await FileLock.AcquireAsync(
            Path.Combine(data, "azurite.lock"),
            PatienceWithPredecessor,
            () => options.Progress($"Waiting for another host that uses {data} …"),
            cancellationToken);
        try
        {
            string aliveFile = Path.Combine(data, "azurite.alive");
            await WaitForPredecessorAsync(aliveFile, cancellationToken);
            options.Progress($"Starting the storage emulator (Azurite) on {data}; this takes a few seconds …");
            long started = TimeProvider.System.GetTimestamp();
            EmulatorProcess process = await StartProcessAsync(
                installation, aliveFile, ["--location", Path.Combine(data, "azurite")], options, cancellationToken);
            double seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            options.Progress(string.Create(CultureInfo.InvariantCulture, $"Started the storage emulator in {seconds:0.0} s."));
            return new StorageEmulator(process, @lock);
        }
        catch
        {
            await @lock.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the emulator, which writes its data first.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync(PatienceWithExit);
        if (_lock is not null)
        {
            await _lock.DisposeAsync();
        }
    }

    private static async Task<EmulatorProcess> StartProcessAsync(
        string installation,
        string aliveFile,
        string[] arguments,
        StorageEmulatorOptions options,
        CancellationToken cancellationToken)
    {
        if (options.PreferDefaultPorts && DefaultPorts.All(LoopbackPort.IsFree))
        {
            try
            {
                return await EmulatorProcess.StartAsync(
                    installation, aliveFile, DefaultPorts, arguments, options.Progress, cancellationToken);
            }
            catch (EmulatorException) when (!DefaultPorts.All(LoopbackPort.IsFree))
            {
                // Another process was faster.
            }
        }

        return await EmulatorProcess.StartAsync(installation, aliveFile, AnyPorts, arguments, options.Progress, cancellationToken);
    }

    // The emulator of a killed host still writes its data for a moment; two emulators on the same files would corrupt them.
    private static async Task WaitForPredecessorAsync(string aliveFile, CancellationToken cancellationToken)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (await IsAliveAsync(aliveFile, cancellationToken))
        {
            if (TimeProvider.System.GetElapsedTime(started) > PatienceWithExit)
            {
                throw new EmulatorException(
                    $"The emulator of an earlier host still runs on '{Path.GetDirectoryName(aliveFile)}'. End it and start again.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<bool> IsAliveAsync(string aliveFile, CancellationToken cancellationToken)
    {
        try
        {
            string[] parts = (await File.ReadAllTextAsync(aliveFile, cancellationToken)).Split(' ');
            if (parts is not [string portText, string token] || !int.TryParse(portText, out int port))
            {
                return false;
            }

            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, cancellationToken);
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            return await reader.ReadToEndAsync(cancellationToken) == token;
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return false;
        }
    }
}
