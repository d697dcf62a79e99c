using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Lifecycle.Registration;

/// <summary>Steps of a registration that do two things in one activity: what a repetition finds and what it leaves unchanged.</summary>
public sealed class RegistrationStepsTests(AzuriteFixture azurite) : IDisposable
{
    private readonly LifecycleKit _kit = new(azurite);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _kit.Dispose();

    [Fact]
    public async Task Stage_FolderThatIsNotQuiet_WaitsOutsideTheQueue()
    {
        DropInput drop = await DropAsync("op-1");

        StageResult staged = await StageAsync(drop);

        Assert.InRange(staged.Waits!.Pause, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        Assert.Null(staged.Slot);
        Assert.Empty(await _kit.Slots.ListAsync(SlotPool.Registration, Token));
        Assert.Null(await _kit.Registry.Staging.ReadAsync(Ids.Operation("op-1"), Token));
    }

    /// <summary>The queue is in the order of the drops, and nothing is copied for a waiting drop.</summary>
    [Fact]
    public async Task Stage_NoSlotIsFree_OnlyJoinsTheQueue()
    {
        DropInput drop = await UploadAsync("op-1");
        foreach (string other in (string[])["a", "b", "c", "d"])
        {
            await _kit.Slots.EnterAsync(SlotPool.Registration, OperationId.Parse($"{other}~register~1"), default, Token);
        }

        await _kit.Slots.EnterAsync(SlotPool.Registration, Ids.Operation("1", "later"), DateTimeOffset.MaxValue, Token);

        Assert.Equal(new SlotTurn(false, 0), (await StageAsync(drop)).Slot);
        Assert.Null(await _kit.Registry.Staging.ReadAsync(Ids.Operation("op-1"), Token));

        await _kit.Slots.LeaveAsync(SlotPool.Registration, Ids.Operation("1", "b"), Token);
        StageResult staged = await StageAsync(drop);
        Assert.Equal((true, "penguins"), (staged.Slot!.Works, staged.Model?.Value));
        Assert.NotNull(await _kit.Registry.Staging.ReadAsync(Ids.Operation("op-1"), Token));
    }

    /// <summary>A process that died after its copy: the drop may have been deleted since.</summary>
    [Fact]
    public async Task Stage_Repeated_FindsTheStagedFiles()
    {
        DropInput drop = await UploadAsync("op-1");
        StageResult first = await StageAsync(drop);
        await _kit.Registry.Account.Container(BlobContainers.Drop).DeleteBlobAsync(drop.Drop.Path, cancellationToken: Token);

        StageResult again = await StageAsync(drop);

        Assert.Equal((first.Superseded, first.DroppedAt, first.Slot), (again.Superseded, again.DroppedAt, again.Slot));
        Assert.Equal(first.Taken, again.Taken);
    }

    private Task<StageResult> StageAsync(DropInput drop) =>
        _kit.Registration.StageAsync(new StageInput(drop, Again: false, External: []), Token);

    private Task<DropInput> DropAsync(string operation) =>
        _kit.DropAsync(operation, "penguins/1", ("model.onnx", "penguins/1/model.onnx"));

    private async Task<DropInput> UploadAsync(string operation)
    {
        DropInput drop = await DropAsync(operation);
        return drop with { Drop = drop.Drop with { IsUpload = true } };
    }
}
