using System.Text;
using System.Text.Json;

namespace Modeldrop.Tests.Acceptance;

/// <summary>Two hosts on one account: both serve, one leads, and either may die.</summary>
public sealed class TwoHostsTests : AcceptanceTest
{
    [Fact]
    public async Task TwoHosts_EitherKilled_TheOtherContinues()
    {
        AppProcess first = await StartAppAsync();
        AppProcess second = await StartAppAsync();
        byte[] manifest = Encoding.UTF8.GetBytes("""{ "label": "species" }""");

        // Both see the drop: one registration.
        await Client.DropSampleAsync("penguins/one", "penguins", "1", manifest);
        await Client.WaitForChampionAsync("penguins", version: 1);
        await AssertServesAsync(first, version: "1");
        await AssertServesAsync(second, version: "1");

        // The process that started first leads; the other takes over.
        await first.KillAsync();
        await Client.DropSampleAsync("penguins/two", "penguins", "2", manifest);
        await Client.WaitForChampionAsync("penguins", version: 2);
        await AssertServesAsync(second, version: "2");

        // And back again.
        AppProcess third = await StartAppAsync();
        await second.KillAsync();
        await Client.DropSampleAsync("islands", "penguins", "1", manifest);
        await Client.WaitForChampionAsync("islands", version: 1);
        await AssertServesAsync(third, version: "2");

        JsonElement operations = await Client.WaitAsync("api/operations", _ => true);
        int registrations = operations.GetProperty("operations").EnumerateArray().Count(operation =>
            operation.GetProperty("kind").GetString() == "register"
                && operation.GetProperty("model").GetString() is "penguins" or "islands");
        Assert.Equal(3, registrations);
        JsonElement head = await Client.WaitAsync("api/models/penguins", _ => true);
        Assert.Equal(2, head.GetProperty("versions").GetArrayLength());
    }

    private Task<JsonElement> AssertServesAsync(AppProcess app, string version) =>
        new AppClient(ConnectionString, () => app.Http).ScoreByAsync("penguins", version, HostileDropTests.PenguinRequest);
}
