using Modeldrop.Registry;

namespace Modeldrop.Tests.Acceptance.Crash.Scenarios;

/// <summary>
/// A registration is cancelled midway and its bytes are dropped again. Exactly one version results, whichever registration made which step.
/// </summary>
/// <param name="step">The step at which it is cancelled.</param>
internal sealed class CancelledRegistration(string step) : CrashScenario
{
    private string _model = "";
    private string _cancelled = "";
    private string _again = "";

    public override string Name => $"cancelled while {step}, then dropped again";

    public override int Writes => 50;

    public override Task PrepareAsync(CrashHost host, int run)
    {
        _model = $"cancelled-{step}{run}";
        return Task.CompletedTask;
    }

    public override async Task ActAsync(CrashHost host)
    {
        _cancelled = await Users.DropAsync(host.Client, $"{_model}/1", Users.Package("penguins", "1"));
        await Users.WaitForStepAsync(host.Client, _cancelled, step);
        await Users.CancelAsync(host.Client, _cancelled);
        await Users.WaitForEndAsync(host.Client, _cancelled);
        _again = await Users.DropAsync(host.Client, $"{_model}/2", Users.Package("penguins", "1"));
        await Users.WaitForEndAsync(host.Client, _again);
    }

    public override async Task<IReadOnlyList<string>> CheckAsync(CrashHost host)
    {
        (ModelHead head, _) = await ReadAsync(host, _model);
        await host.Client.ScoreByAsync(_model, "1", HostileDropTests.PenguinRequest);
        string outcome = await Users.OutcomeAsync(host.Client, _again);
        return
        [
            .. await CheckModelAsync(host, _model, [1], _cancelled),
            .. head.Versions is [{ Status: VersionStatus.Champion }]
                ? []
                : (string[])[$"The versions are [{string.Join(", ", head.Versions)}]."],
            .. outcome is "done" or "unchanged" ? [] : (string[])[$"The second drop ended as {outcome}."],
        ];
    }
}
