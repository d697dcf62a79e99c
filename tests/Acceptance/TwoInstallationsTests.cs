using System.Text;

namespace Modeldrop.Tests.Acceptance;

/// <summary>
/// Two installations on one account that differ only in their prefixes: neither sees the other's drops, runs its operations or waits for
/// its leader.
/// </summary>
public sealed class TwoInstallationsTests : AcceptanceTest
{
    [Fact]
    public async Task TwoInstallations_OneAccount_EachRegistersItsOwnDrops()
    {
        AppProcess plain = await StartAppAsync();
        AppProcess prefixed = await StartAppAsync(("Storage__TablePrefix", "Other"), ("Storage__ContainerPrefix", "other-"));
        var ours = new AppClient(ConnectionString, () => plain.Http);
        var theirs = new AppClient(ConnectionString, () => prefixed.Http, "other-drop");
        byte[] manifest = Encoding.UTF8.GetBytes("""{ "label": "species" }""");

        await ours.DropSampleAsync("penguins", "penguins", "1", manifest);
        await theirs.DropSampleAsync("islands", "penguins", "1", manifest);

        await ours.WaitForChampionAsync("penguins", version: 1);
        await theirs.WaitForChampionAsync("islands", version: 1);
        Assert.Equal(["penguins"], await ModelsAsync(ours));
        Assert.Equal(["islands"], await ModelsAsync(theirs));
        Assert.Equal(["penguins"], await OperationsAsync(ours));
        Assert.Equal(["islands"], await OperationsAsync(theirs));
    }

    private static async Task<IEnumerable<string?>> ModelsAsync(AppClient client) =>
        (await client.WaitAsync("api/models", _ => true)).GetProperty("models").EnumerateArray()
            .Select(model => model.GetProperty("name").GetString());

    private static async Task<IEnumerable<string?>> OperationsAsync(AppClient client) =>
        (await client.WaitAsync("api/operations", _ => true)).GetProperty("operations").EnumerateArray()
            .Select(operation => operation.GetProperty("model").GetString());
}
