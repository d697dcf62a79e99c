using System.Text;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Acceptance.Crash.Scenarios;

/// <summary>A model with two validated versions, one of them champion. The other one replaces it.</summary>
internal abstract class ChampionScenario(string model) : CrashScenario
{
    private string _operation = "";

    protected string Model => model;

    /// <summary>The champion before.</summary>
    protected int From { get; private set; }

    protected int To => 3 - From;

    public override async Task PrepareAsync(CrashHost host, int run)
    {
        (ModelHead head, _) = await ReadAsync(host, model);
        if (!head.Exists)
        {
            // There is no traffic here, so a gate has no data for a decision.
            byte[] manifest = Encoding.UTF8.GetBytes("""{ "promotion": { "mode": "off", "gate": { "maxWaitMinutes": 0, "whenUndecided": "promote" } } }""");
            await Users.WaitForEndAsync(
                host.Client, await Users.DropAsync(host.Client, $"{model}/1", Users.Package("penguins", "1", ("model.json", manifest))));
            await Users.WaitForEndAsync(
                host.Client, await Users.DropAsync(host.Client, $"{model}/2", Users.Package("penguins", "2", ("model.json", manifest))));
            await PromoteAsync(host, 1);
        }

        await BeginAsync(host, head.FindAlias(AliasName.Champion)?.Number ?? 1);
        (head, _) = await ReadAsync(host, model);
        From = head.FindAlias(AliasName.Champion)!.Number;
        await host.UntilIdleAsync();
    }

    public override async Task ActAsync(CrashHost host)
    {
        _operation = await AskAsync(host);
        await Users.WaitForEndAsync(host.Client, _operation);
    }

    public override async Task<IReadOnlyList<string>> CheckAsync(CrashHost host)
    {
        (_, IReadOnlyList<RegistryEvent> events) = await ReadAsync(host, model);
        await host.Client.ScoreByAsync(model, $"{To}", HostileDropTests.PenguinRequest);
        return
        [
            .. await CheckModelAsync(host, model, [1, 2]),
            .. CheckEvents(
                events, _operation, [.. Before, $"champion {From} to {To}{Suffix}", .. Between, $"{From} Retired", $"{To} Champion"]),
            .. await CheckOutcomeAsync(host, _operation, "done"),
        ];
    }

    protected virtual string Suffix => "";

    /// <summary>The events before the champion moves.</summary>
    protected virtual string[] Before => [];

    /// <summary>The events with the move.</summary>
    protected virtual string[] Between => [];

    protected virtual Task BeginAsync(CrashHost host, int champion) => Task.CompletedTask;

    protected abstract Task<string> AskAsync(CrashHost host);

    protected async Task PromoteAsync(CrashHost host, int version) =>
        await Users.WaitForEndAsync(host.Client, await Users.AskAsync(host.Client, model, $"api/models/{model}/promote", new { version }));
}

/// <summary>A person promotes.</summary>
internal sealed class PromoteByHand() : ChampionScenario("promoted")
{
    public override string Name => "a person promotes";

    public override int Writes => 9;

    protected override Task<string> AskAsync(CrashHost host) =>
        Users.AskAsync(host.Client, Model, $"api/models/{Model}/promote", new { version = To, reason = "a test" });
}

/// <summary>A person promotes in steps.</summary>
internal sealed class PromoteInSteps() : ChampionScenario("stepwise")
{
    public override string Name => "a person promotes in steps";

    public override int Writes => 30;

    protected override string[] Before => [$"20 % to {To}", $"{To} RollingOut", $"60 % to {To}"];

    protected override string[] Between => [$"0 % to {To}"];

    protected override Task<string> AskAsync(CrashHost host) =>
        Users.AskAsync(
            host.Client, Model, $"api/models/{Model}/promote", new { version = To, steps = new[] { 20, 60, 100 }, bakeMinutes = 0.005 });
}

/// <summary>A person rolls back to the previous champion.</summary>
internal sealed class RollBack() : ChampionScenario("rolledback")
{
    public override string Name => "a person rolls back";

    public override int Writes => 5;

    protected override string Suffix => " back";

    // Version 2 is champion before every run, and version 1 was its predecessor.
    protected override Task BeginAsync(CrashHost host, int champion) => champion == 2 ? Task.CompletedTask : PromoteAsync(host, 2);

    protected override Task<string> AskAsync(CrashHost host) =>
        Users.AskAsync(host.Client, Model, $"api/models/{Model}/rollback", new { reason = "a test" });
}
