using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Lifecycle.Registration;

public sealed class DropUploadTests(AzuriteFixture azurite)
{
    private readonly RegistryKit _kit = new(azurite);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Store_ArchivedModel_IsRefusedAndNothingIsStored()
    {
        var upload = new DropUpload(_kit.Account, _kit.Service, _kit.Clock);
        var request = new DefaultHttpContext { Request = { Body = new MemoryStream([1, 2, 3]) } }.Request;
        await _kit.RegisterAsync("one", "one");
        await _kit.Service.ArchiveAsync(RegistryKit.Flights, true, Actor.System, Token);
        int before = (await _kit.BlobsAsync(BlobContainers.Drop)).Count;

        ServiceException refused = await Assert.ThrowsAsync<ServiceException>(
            () => upload.StoreAsync(RegistryKit.Flights, request, "ann", Token));

        Assert.Equal(ErrorCode.VersionNotReady, refused.Code);
        Assert.StartsWith("Model 'flights' is archived; restore it first", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, (await _kit.BlobsAsync(BlobContainers.Drop)).Count);
        await _kit.Service.ArchiveAsync(RegistryKit.Flights, false, Actor.System, Token);
        Assert.StartsWith(
            "flights/upload-20260101T", (await upload.StoreAsync(RegistryKit.Flights, request, "ann", Token)).Path,
            StringComparison.Ordinal);
    }
}
