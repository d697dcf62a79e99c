using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tabular;
using Modeldrop.Tests.Probe;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Lifecycle.Registration;

/// <summary>Data sets uploaded without a model.</summary>
public sealed class DatasetUploadTests(AzuriteFixture azurite)
{
    private const string Csv = "hour,origin\n1,ORD\n3,LGA\n,ORD\n";

    private static readonly DatasetName January = DatasetName.Parse("january");

    private readonly RegistryKit _kit = new(azurite);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StoreAsync_Csv_MakesAVersionWithAProfile()
    {
        (DatasetVersion version, bool isNew) = await StoreAsync(Csv);

        Assert.True(isNew);
        Assert.Equal(
            ("january", 1, 3L, (long)Csv.Length, "ann", "first"),
            (version.Name, version.Version, version.Rows, version.Bytes, version.RegisteredBy, version.Note));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Csv))), version.Digest);
        Assert.Equal(["hour", "origin"], version.Columns);
        Assert.Equal(new ColumnProfile("hour", 2, 1) { Min = 1, Max = 3, Mean = 2 }, version.Profile![0]);
        Assert.Equal((2, new ValueCount("ORD", 2)), (version.Profile[1].Distinct, version.Profile[1].Top![0]));
        Assert.Equal($"january/{version.Digest}.csv", version.File);
        Assert.Equal(Csv, await _kit.ReadAsync(BlobContainers.Datasets, version.File!));
        Assert.Null(Assert.Single(await _kit.Datasets.ListVersionsAsync(January, Token)).Profile);
    }

    [Fact]
    public async Task StoreAsync_SameBytes_GiveTheSameVersion()
    {
        (DatasetVersion first, _) = await StoreAsync(Csv);
        (DatasetVersion again, bool isNew) = await StoreAsync(Csv);
        (DatasetVersion other, bool isOther) = await StoreAsync(Csv + "5,ORD\n");

        Assert.Equal((1, 1, false, 2, true), (first.Version, again.Version, isNew, other.Version, isOther));
        Assert.Equal(2, (await _kit.BlobsAsync(BlobContainers.Datasets)).Count);
    }

    [Fact]
    public async Task StoreAsync_AfterACrashBetweenBytesAndRow_Continues()
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Csv)));
        await _kit.Account.Container(BlobContainers.Datasets).GetBlobClient($"january/{digest}.csv")
            .UploadAsync(new BinaryData(Csv), Token);

        (DatasetVersion version, bool isNew) = await StoreAsync(Csv);

        Assert.Equal((1, true), (version.Version, isNew));
        Assert.Single(await _kit.BlobsAsync(BlobContainers.Datasets));
    }

    [Fact]
    public async Task StoreAsync_SameBytesAsDataOfAModel_IsTheExistingVersion()
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Csv)));
        DatasetReference reference = await _kit.Datasets.RegisterAsync(
            new DatasetRegistration(January, digest, 3, ["hour", "origin"], Csv.Length), Token);
        await _kit.Datasets.LinkAsync(reference, new VersionName(RegistryKit.Flights, 7), "flights/7/reference.csv", Token);

        (DatasetVersion version, bool isNew) = await StoreAsync(Csv);

        Assert.False(isNew);
        Assert.Equal(new DatasetUse(ModelName.Parse("flights"), 7, "flights/7/reference.csv"), Assert.Single(version.Uses));
        Assert.Empty(await _kit.BlobsAsync(BlobContainers.Datasets));
    }

    [Fact]
    public async Task StoreAsync_UnreadableData_AreRefusedWithAReason()
    {
        await RefusedAsync(ErrorCode.InvalidRequest, "", "The body is empty; send the data set itself, CSV or Parquet.");
        await RefusedAsync(ErrorCode.InvalidRequest, "a,b\n", "data.csv: has no rows.");
        await RefusedAsync(
            ErrorCode.InvalidRequest, "a,,a\n1,2,3\n", "Column 2 of 'data.csv' has no name.", "Column 'a' appears 2 times in 'data.csv'.");
        await RefusedAsync(ErrorCode.InvalidRequest, "a,\n1,2\n", "'data.csv', line 2: a value is in a column without a name.");
        await RefusedAsync(
            ErrorCode.PayloadTooLarge, $"a\n{new string('1', 2_000)}\n", "The data set has more than 1,000 bytes, which is the limit.");
        ServiceException parquet = await Assert.ThrowsAsync<ServiceException>(() => StoreAsync("PAR1 but no more of it"));
        Assert.Contains("'data.parquet' cannot be read as Parquet", Assert.Single(parquet.Violations), StringComparison.Ordinal);

        Assert.Empty(await _kit.Datasets.ListAsync(Token));
        Assert.Empty(await _kit.BlobsAsync(BlobContainers.Datasets));
    }

    private async Task RefusedAsync(ErrorCode code, string content, params string[] violations)
    {
        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(
            () => StoreAsync(content, new RegistryOptions { MaxCompanionBytes = 1_000 }));
        Assert.Equal(code, exception.Code);
        Assert.Equal(violations, exception.Violations);
    }

    private async Task<(DatasetVersion Version, bool IsNew)> StoreAsync(string content, RegistryOptions? options = null)
    {
        using Modeldrop.Probe.ProbeService probe = ProbeFixture.Service();
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(content));
        var upload = new DatasetUpload(
            _kit.Datasets, probe, Options.Create(options ?? new RegistryOptions()), NullLogger<DatasetUpload>.Instance);
        return await upload.StoreAsync(January, body, new DatasetDescription(null, "first", "ann"), Token);
    }
}
