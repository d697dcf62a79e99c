using System.Text;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Acceptance.Crash.Scenarios;

/// <summary>A model's first version: register, validate, become champion.</summary>
internal sealed class FirstVersion : CrashScenario
{
    private string _model = "";
    private string _operation = "";

    public override string Name => "first version becomes champion";

    public override int Writes => 50;

    public override Task PrepareAsync(CrashHost host, int run)
    {
        _model = $"first{run}";
        return Task.CompletedTask;
    }

    public override async Task ActAsync(CrashHost host)
    {
        _operation = await Users.DropAsync(host.Client, _model, Users.Package("penguins", "1"));
        await Users.WaitForEndAsync(host.Client, _operation);
    }

    public override async Task<IReadOnlyList<string>> CheckAsync(CrashHost host)
    {
        (_, IReadOnlyList<RegistryEvent> events) = await ReadAsync(host, _model);
        await host.Client.ScoreByAsync(_model, "1", HostileDropTests.PenguinRequest);
        return
        [
            .. await CheckModelAsync(host, _model, [1]),
            .. CheckEvents(events, _operation, "1 registered", "1 Validating", "1 proven", "1 Validated", "champion  to 1", "1 Champion"),
            .. await CheckRejectionAsync(host, _model, expected: false),
            .. await CheckOutcomeAsync(host, _operation, "done"),
        ];
    }
}

/// <summary>Another version is validated against the champion and replaces it.</summary>
internal sealed class NextVersion : CrashScenario
{
    private const string Model = "next";

    private string _operation = "";
    private int _version;

    public override string Name => "second version takes the champion's place";

    public override int Writes => 50;

    public override async Task PrepareAsync(CrashHost host, int run)
    {
        (ModelHead head, _) = await ReadAsync(host, Model);
        if (!head.Exists)
        {
            await Users.WaitForEndAsync(host.Client, await Users.DropAsync(host.Client, $"{Model}/0", Users.Package("penguins", "1")));
        }

        _version = Math.Max(head.Versions.Length, 1) + 1;
    }

    public override async Task ActAsync(CrashHost host)
    {
        byte[] card = Encoding.UTF8.GetBytes($"# Version {_version}");
        _operation = await Users.DropAsync(host.Client, $"{Model}/{_version}", Users.Package("penguins", "2", ("card.md", card)));
        await Users.WaitForEndAsync(host.Client, _operation);
    }

    public override async Task<IReadOnlyList<string>> CheckAsync(CrashHost host)
    {
        (_, IReadOnlyList<RegistryEvent> events) = await ReadAsync(host, Model);
        string version = $"{_version}";
        await host.Client.ScoreByAsync(Model, version, HostileDropTests.PenguinRequest);
        return
        [
            .. await CheckModelAsync(host, Model, [_version]),
            .. CheckEvents(events, _operation, $"{version} registered", $"{version} Validating", $"{version} proven", $"{version} Validated",
                $"champion {_version - 1} to {version}", $"{_version - 1} Retired", $"{version} Champion"),
            .. await CheckRejectionAsync(host, $"{Model}/{version}", expected: false),
            .. await CheckOutcomeAsync(host, _operation, "done"),
        ];
    }
}

/// <summary>The bytes of an existing version are dropped again.</summary>
internal sealed class SameBytes : CrashScenario
{
    private const string Model = "same";

    private string _operation = "";
    private int _run;

    public override string Name => "the same bytes again";

    public override int Writes => 30;

    public override async Task PrepareAsync(CrashHost host, int run)
    {
        _run = run;
        (ModelHead head, _) = await ReadAsync(host, Model);
        if (!head.Exists)
        {
            await Users.WaitForEndAsync(host.Client, await Users.DropAsync(host.Client, Model, Users.Package("penguins", "1")));
        }
    }

    public override async Task ActAsync(CrashHost host)
    {
        _operation = await Users.DropAsync(host.Client, $"{Model}/{_run}", Users.Package("penguins", "1"));
        await Users.WaitForEndAsync(host.Client, _operation);
    }

    public override async Task<IReadOnlyList<string>> CheckAsync(CrashHost host)
    {
        (ModelHead head, IReadOnlyList<RegistryEvent> events) = await ReadAsync(host, Model);
        return
        [
            .. await CheckModelAsync(host, Model, [1]),
            .. CheckEvents(events, _operation),
            .. head.Versions.Length == 1 ? [] : (string[])[$"There are {head.Versions.Length} versions."],
            .. await CheckRejectionAsync(host, $"{Model}/{_run}", expected: false),
            .. await CheckOutcomeAsync(host, _operation, "unchanged"),
        ];
    }
}

/// <summary>A version is uploaded by HTTP. Both the upload and the registration of the uploaded blob may be interrupted.</summary>
internal sealed class UploadedVersion : CrashScenario
{
    private string _model = "";

    public override string Name => "a version comes by HTTP";

    public override int Writes => 30;

    public override Task PrepareAsync(CrashHost host, int run)
    {
        _model = $"upload{run}";
        return Task.CompletedTask;
    }

    public override async Task ActAsync(CrashHost host)
    {
        byte[] model = await File.ReadAllBytesAsync(RepositoryFiles.Sample("penguins", "1", "model.onnx"));
        await Users.UploadAsync(host.Client, _model, model);
        await Users.WaitForAllAsync(host.Client, _model);
    }

    public override async Task<IReadOnlyList<string>> CheckAsync(CrashHost host)
    {
        (ModelHead head, IReadOnlyList<RegistryEvent> events) = await ReadAsync(host, _model);
        await host.Client.ScoreByAsync(_model, "1", HostileDropTests.PenguinRequest);
        string operation = events.Count > 0 ? $"{events[0].Actor.Operation}" : "nobody";
        return
        [
            .. await CheckModelAsync(host, _model, [1]),
            // Without rows batch invariance cannot be proved.
            .. CheckEvents(events, operation, "1 registered", "1 Validating", "1 Validated", "champion  to 1", "1 Champion"),
            .. events.All(happened => happened.Actor.Operation?.ToString() == operation) ? [] : (string[])["Two operations have written."],
            .. head.Versions.Length == 1 ? [] : (string[])[$"There are {head.Versions.Length} versions."],
        ];
    }
}
