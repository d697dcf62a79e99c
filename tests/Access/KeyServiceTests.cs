using Modeldrop.Access;
using Modeldrop.Errors;

namespace Modeldrop.Tests.Access;

/// <summary>Keys from creation to revocation, on two instances with one account.</summary>
public sealed class KeyServiceTests(AzuriteFixture azurite)
{
    private const string OwnerKey = "0123456789abcdef0123456789abcdef";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateAsync_Key_IsValidHereAtOnceAndElsewhereAfterARefresh()
    {
        var account = azurite.CreateAccount();
        var here = new AccessKit(account);
        var there = new AccessKit(account);
        await there.Ring.EnsureLoadedAsync(Cancellation);

        (string text, AccessKey key) = await here.Keys.CreateAsync(AccessKit.New("publisher"), "Ann", Cancellation);

        Assert.Equal(KeyVerdict.Valid, here.Ring.Check(text, out Principal? principal));
        Assert.Equal(KeyVerdict.Wrong, there.Ring.Check(text, out _));
        await there.Ring.RefreshAsync(Cancellation);
        Assert.Equal(KeyVerdict.Valid, there.Ring.Check(text, out _));
        Assert.Equal(("a test", PrincipalKind.Key, $"key {key.Id}"), (principal!.Name, principal.Kind, principal.Known));
        Assert.Equal((Role.Publisher, "Ann"), (key.Role, Assert.Single(await there.Keys.ListAsync(Cancellation)).CreatedBy));
    }

    [Fact]
    public async Task CreateAsync_Key_IsStoredWithoutItsSecret()
    {
        var kit = new AccessKit(azurite.CreateAccount());

        (string text, _) = await kit.Keys.CreateAsync(AccessKit.New("owner"), "Ann", Cancellation);

        AccessKey stored = Assert.Single(await kit.Store.ListAsync(Cancellation));
        Assert.Equal(32, stored.Hash.Length);
        Assert.DoesNotContain(text[17..], Convert.ToHexStringLower(stored.Hash), StringComparison.Ordinal);
        Assert.NotEqual(Convert.FromHexString(text[17..]), stored.Hash);
    }

    [Fact]
    public async Task Check_AnyOtherText_IsAWrongKey()
    {
        var kit = new AccessKit(azurite.CreateAccount());
        (string text, _) = await kit.Keys.CreateAsync(AccessKit.New("owner"), "Ann", Cancellation);
        (string other, _) = KeyText.Make();
        string lastChanged = text[..^1] + (text[^1] == '0' ? '1' : '0');

        Assert.All(
            (string[])["", " ", text + "0", text[..^1], lastChanged, other, text[..17] + other[17..], text[..^1] + "g", OwnerKey],
            wrong => Assert.Equal(KeyVerdict.Wrong, kit.Ring.Check(wrong, out _)));
        Assert.Equal(KeyVerdict.Valid, kit.Ring.Check(text, out _));
    }

    [Fact]
    public async Task Check_Key_ExpiresAtItsTime()
    {
        var kit = new AccessKit(azurite.CreateAccount());
        DateTimeOffset end = kit.Clock.GetUtcNow().AddHours(1);
        (string text, _) = await kit.Keys.CreateAsync(AccessKit.New("scorer", end), "Ann", Cancellation);

        kit.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(KeyVerdict.Valid, kit.Ring.Check(text, out _));
        kit.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(KeyVerdict.Expired, kit.Ring.Check(text, out _));
    }

    [Fact]
    public async Task RevokeAsync_Key_IsInvalidHereAtOnceAndElsewhereAfterARefresh()
    {
        var account = azurite.CreateAccount();
        var here = new AccessKit(account);
        var there = new AccessKit(account);
        (string text, AccessKey key) = await here.Keys.CreateAsync(AccessKit.New("scorer"), "Ann", Cancellation);
        await there.Ring.EnsureLoadedAsync(Cancellation);

        AccessKey revoked = await here.Keys.RevokeAsync(key.Id, "Ben", Cancellation);

        Assert.Equal(("Ben", KeyVerdict.Revoked), (revoked.RevokedBy, here.Ring.Check(text, out _)));
        Assert.Null(here.Ring.Find(key.Id));
        Assert.Equal(KeyVerdict.Valid, there.Ring.Check(text, out _));
        await there.Ring.RefreshAsync(Cancellation);
        Assert.Equal(KeyVerdict.Revoked, there.Ring.Check(text, out _));
        Assert.Equal("Ben", (await here.Keys.RevokeAsync(key.Id, "Cid", Cancellation)).RevokedBy);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(OwnerKey, false)]
    public async Task RevokeAsync_LastOwnerKey_IsRefusedUnlessTheSettingHasOne(string setting, bool isRefused)
    {
        var kit = new AccessKit(azurite.CreateAccount(), ownerKey: setting);
        (_, AccessKey last) = await kit.Keys.CreateAsync(AccessKit.New("owner"), "Ann", Cancellation);
        await kit.Keys.CreateAsync(AccessKit.New("owner", kit.Clock.GetUtcNow().AddDays(1)), "Ann", Cancellation);

        Exception? thrown = await Record.ExceptionAsync(() => kit.Keys.RevokeAsync(last.Id, "Ann", Cancellation));

        Assert.Equal(isRefused ? ErrorCode.InvalidRequest : null, (thrown as ServiceException)?.Code);
    }

    [Fact]
    public async Task RevokeAsync_UnknownKey_IsNotFound()
    {
        var kit = new AccessKit(azurite.CreateAccount());

        ServiceException refusal = await Assert.ThrowsAsync<ServiceException>(() => kit.Keys.RevokeAsync("nobody", "Ann", Cancellation));

        Assert.Equal(ErrorCode.KeyNotFound, refusal.Code);
    }

    [Fact]
    public async Task CreateAsync_SeveralErrors_ReportsAllAtOnce()
    {
        var kit = new AccessKit(azurite.CreateAccount());
        var wanted = new NewKey(" ", "boss", ["flights", "tag:team"], kit.Clock.GetUtcNow());

        ServiceException refusal = await Assert.ThrowsAsync<ServiceException>(() => kit.Keys.CreateAsync(wanted, "Ann", Cancellation));

        Assert.Equal(ErrorCode.InvalidRequest, refusal.Code);
        Assert.Equal(5, refusal.Violations.Count);
    }

    [Theory]
    [InlineData(true, "", true)]
    [InlineData(false, "", false)]
    [InlineData(true, OwnerKey, false)]
    public async Task IsOpen_WithoutAKey_IsTrueOnlyOnThisMachine(bool loopbackOnly, string ownerKey, bool isOpen)
    {
        var kit = new AccessKit(azurite.CreateAccount(), loopbackOnly, ownerKey);
        Assert.False(kit.Ring.IsOpen);

        await kit.Ring.EnsureLoadedAsync(Cancellation);

        Assert.Equal(isOpen, kit.Ring.IsOpen);
    }

    [Fact]
    public async Task IsOpen_AfterTheFirstKey_IsFalsePermanently()
    {
        var kit = new AccessKit(azurite.CreateAccount(), loopbackOnly: true);
        await kit.Ring.EnsureLoadedAsync(Cancellation);
        ServiceException early = await Assert.ThrowsAsync<ServiceException>(
            () => kit.Keys.CreateAsync(AccessKit.New("scorer"), "local", Cancellation));
        await kit.Keys.CreateAsync(AccessKit.New("owner"), "local", Cancellation);
        (_, AccessKey scorer) = await kit.Keys.CreateAsync(AccessKit.New("scorer"), "local", Cancellation);

        await kit.Keys.RevokeAsync(scorer.Id, "local", Cancellation);

        Assert.Contains("first key must be an owner's", early.Message, StringComparison.Ordinal);
        Assert.False(kit.Ring.IsOpen);
    }

    [Fact]
    public async Task CreateFirstAsync_TwoProcessesStart_CreatesOneKey()
    {
        var account = azurite.CreateAccount();
        string?[] made = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => new AccessKit(account).Keys.CreateFirstAsync(Cancellation)));

        string text = Assert.Single(made.OfType<string>());
        var later = new AccessKit(account);
        Assert.Null(await later.Keys.CreateFirstAsync(Cancellation));
        await later.Ring.EnsureLoadedAsync(Cancellation);
        Assert.Equal(KeyVerdict.Valid, later.Ring.Check(text, out Principal? principal));
        Assert.Equal(Role.Owner, Assert.Single(principal!.Grants).Role);
    }

    [Fact]
    public async Task Check_OwnerKeyFromTheSetting_IsAnOwner()
    {
        var kit = new AccessKit(azurite.CreateAccount(), ownerKey: OwnerKey);
        await kit.Ring.EnsureLoadedAsync(Cancellation);

        Assert.Equal(KeyVerdict.Valid, kit.Ring.Check(OwnerKey, out Principal? principal));
        Assert.Equal(("owner", "setting Access__OwnerKey"), (principal!.Name, principal.Known));
        Assert.Same(principal, kit.Ring.Find(principal.KeyId!));
        Assert.Null(new AccessKit(azurite.CreateAccount(), ownerKey: OwnerKey + "0").Ring.Find(principal.KeyId!));
    }

    [Fact]
    public async Task Used_LaterThanTheStoredUse_ListsTheKey()
    {
        var kit = new AccessKit(azurite.CreateAccount());
        (string text, AccessKey key) = await kit.Keys.CreateAsync(AccessKit.New("owner"), "Ann", Cancellation);
        kit.Ring.Check(text, out _);

        (string id, DateTimeOffset at) = Assert.Single(kit.Ring.Used(TimeSpan.FromMinutes(5)));
        await kit.Store.SetLastUseAsync(id, at, Cancellation);
        await kit.Ring.RefreshAsync(Cancellation);

        Assert.Equal((key.Id, kit.Clock.GetUtcNow()), (id, at));
        Assert.Empty(kit.Ring.Used(TimeSpan.FromMinutes(5)));
        kit.Clock.Advance(TimeSpan.FromMinutes(6));
        kit.Ring.Check(text, out _);
        Assert.Single(kit.Ring.Used(TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public async Task Check_StoredKey_AllocatesNothing()
    {
        var kit = new AccessKit(azurite.CreateAccount());
        (string text, _) = await kit.Keys.CreateAsync(AccessKit.New("scorer"), "Ann", Cancellation);
        for (int warm = 0; warm < 100; warm++)
        {
            kit.Ring.Check(text, out _);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            kit.Ring.Check(text, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
