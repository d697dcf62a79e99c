using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Probe;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Registration;

/// <summary>The uploader's description of a data set.</summary>
public sealed record DatasetDescription(string? Uri, string? Note, string Actor);

/// <summary>Registers a data set that is uploaded without a model.</summary>
public sealed partial class DatasetUpload(
    DatasetStore datasets, ProbeService probe, IOptions<RegistryOptions> options, ILogger<DatasetUpload> logger)
{
    private const int BufferBytes = 128 * 1024;

    private static ReadOnlySpan<byte> ParquetMagic => "PAR1"u8;

    /// <summary>Reads the file in a child process, stores it under its hash, and registers it as the next version.</summary>
    /// <param name="content">CSV, or Parquet if its first bytes say so.</param>
    /// <returns>The version, and whether it is new: the same bytes are the same version.</returns>
    /// <remarks>
    /// The bytes are stored before the version that names them. After an interruption, repeating the upload completes it, or the orphan
    /// sweep deletes the bytes.
    /// </remarks>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> with all violations of the file; <see cref="ErrorCode.PayloadTooLarge"/>;
    /// <see cref="ErrorCode.RegistryConflict"/>, <see cref="ErrorCode.StoreUnavailable"/>.
    /// </exception>
    public async Task<(DatasetVersion Version, bool IsNew)> StoreAsync(
        DatasetName name, Stream content, DatasetDescription description, CancellationToken cancellationToken)
    {
        using WorkFolder work = probe.CreateFolder();
        (string path, string digest) = await ReceiveAsync(work.Make("data"), content, cancellationToken);
        if (await datasets.FindAsync(name, digest, cancellationToken) is { } known)
        {
            return (known, false);
        }

        CompanionFindings found = await probe.ReadDatasetAsync(path, cancellationToken);
        if (found.Violations.Count > 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, found.Violations);
        }

        DataFile file = found.DataFiles[0];
        DatasetReference reference = await datasets.RegisterAsync(
            new DatasetRegistration(name, digest, file.Rows, file.Columns, new FileInfo(path).Length, description.Uri, description.Note)
            {
                Profile = file.Profile ?? [],
                RegisteredBy = description.Actor,
                File = await datasets.StoreFileAsync(name, digest, path, cancellationToken),
            },
            cancellationToken);
        Log.DatasetRegistered(logger, reference.Version, name, file.Rows, description.Actor);
        return ((await datasets.FindAsync(name, reference.Version, cancellationToken))!, true);
    }

    /// <summary>Writes the content to a file whose extension names its format.</summary>
    private async Task<(string Path, string Digest)> ReceiveAsync(string folder, Stream content, CancellationToken cancellationToken)
    {
        string received = Path.Combine(folder, "received");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferBytes];
        byte[] first = [];
        long bytes = 0;
        await using (FileStream file = File.Create(received))
        {
            for (int read; (read = await content.ReadAtLeastAsync(buffer, BufferBytes, throwOnEndOfStream: false, cancellationToken)) > 0;)
            {
                first = bytes == 0 ? buffer[..Math.Min(read, ParquetMagic.Length)] : first;
                bytes += read;
                if (bytes > options.Value.MaxCompanionBytes)
                {
                    throw new ServiceException(
                        ErrorCode.PayloadTooLarge,
                        $"The data set has more than {options.Value.MaxCompanionBytes:N0} bytes, which is the limit.");
                }

                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }

        if (bytes == 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, "The body is empty; send the data set itself, CSV or Parquet.");
        }

        string path = Path.Combine(folder, ParquetMagic.SequenceEqual(first) ? "data.parquet" : "data.csv");
        File.Move(received, path);
        return (path, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static partial class Log
    {
        [LoggerMessage(7020, LogLevel.Information, "Registered version {Version} of data set {Dataset} with {Rows} rows for {Actor}")]
        public static partial void DatasetRegistered(ILogger logger, int version, DatasetName dataset, int rows, string actor);
    }
}
