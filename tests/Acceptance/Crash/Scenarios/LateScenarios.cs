using System.Text;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Acceptance.Crash.Scenarios;

/// <summary>Companions arrive when their version already serves, and it fails with them: the previous champion takes over.</summary>
internal sealed class LateCompanions : CrashScenario
{
    private const string Strict = """{ "label": "species", "validation": { "metrics": { "accuracy": { "min": 0.9999 } } } }""";

    private string _model = "";

    public override string Name => "companions come late, and the champion fails with them";

    public override int Writes => 45;

    public override async Task PrepareAsync(CrashHost host, int run)
    {
        _model = $"late{run}";
        foreach (string label in (string[])["1", "2"])
        {
            Dictionary<string, byte[]> alone = new()
            {
                [ModelVersion.ModelFile] = await File.ReadAllBytesAsync(RepositoryFiles.Sample("penguins", label, ModelVersion.ModelFile)),
            };
            await Users.WaitForEndAsync(host.Client, await Users.DropAsync(host.Client, $"{_model}/{label}", alone));
        }

        await host.UntilIdleAsync();
    }

    public override async Task ActAsync(CrashHost host)
    {
        await host.Client.PutAsync(
            $"{_model}/2/validation.csv", await File.ReadAllBytesAsync(RepositoryFiles.Sample("penguins", "validation.csv")));
        await host.Client.PutAsync($"{_model}/2/model.json", Encoding.UTF8.GetBytes(Strict));
        await Users.WaitForAllAsync(host.Client, _model, late: 2);
    }

    public override async Task<IReadOnlyList<string>> CheckAsync(CrashHost host)
    {
        (ModelHead head, IReadOnlyList<RegistryEvent> events) = await ReadAsync(host, _model);
        await host.Client.ScoreByAsync(_model, "1", HostileDropTests.PenguinRequest);
        RegistryEvent[] back = [.. events.Where(happened => happened is AliasMoved { RolledBack: true })];
        return
        [
            .. await CheckModelAsync(host, _model, [1, 2]),
            .. back.Length == 1
                ? CheckEvents(
                    events.Where(happened => happened is not (VersionCompleted or VersionProven)), $"{back[0].Actor.Operation}",
                    "2 failed", "champion 2 to 1 back", "2 Retired", "1 Champion")
                : [$"The champion was rolled back {back.Length} times."],
            .. head.FindVersion(2) is { Failed: true } ? [] : (string[])["Version 2 is not marked as failed."],
            .. await CheckRejectionAsync(host, $"{_model}/2", expected: true),
        ];
    }
}
