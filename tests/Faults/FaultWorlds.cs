using System.Text;
using System.Text.Json.Nodes;
using Modeldrop.Registry;
using Modeldrop.Tests.Lifecycle.Replay;
using Modeldrop.Tests.Probe;

namespace Modeldrop.Tests.Faults;

/// <summary>For each sample model an account where it is champion and has a log, created on first use.</summary>
public sealed class FaultWorlds(AzuriteFixture azurite) : IDisposable
{
    private const int LoggedRows = 600;

    private readonly Dictionary<string, ReplayWorld> _worlds = [];

    /// <summary>The manifest policies of a careful person.</summary>
    private static readonly Dictionary<string, string> Policies = new()
    {
        ["flights"] = """
            { "label": "late", "prediction": { "output": "probabilities", "column": 1 },
              "validation": { "metrics": { "roc_auc": { "min": 0.55, "maxDropFromChampion": 0.01 }, "log_loss": { "maxDropFromChampion": 0.005 } }, "maxDisagreement": 0.05 } }
            """,
        ["penguins"] = """
            { "label": "species", "prediction": { "output": "probabilities" },
              "validation": { "metrics": { "accuracy": { "min": 0.9, "maxDropFromChampion": 0.02 }, "log_loss": { "maxDropFromChampion": 0.05 } }, "maxDisagreement": 0.05 } }
            """,
        ["digits"] = """
            { "label": "digit", "prediction": { "output": "probabilities" },
              "validation": { "metrics": { "accuracy": { "min": 0.9, "maxDropFromChampion": 0.01 }, "log_loss": { "maxDropFromChampion": 0.02 } }, "maxDisagreement": 0.05 } }
            """,
    };

    /// <summary>The checks that refuse the model with this fault; empty: the model is valid.</summary>
    internal async Task<IReadOnlyList<string>> JudgeAsync(SeededFault fault)
    {
        string name = fault.Sample.Split('/')[0];
        OnnxEditor model = OnnxEditor.Open(SampleFiles.PathOf($"{fault.Sample}/model.onnx"));
        fault.Edit(model);
        bool measures = fault.With.HasFlag(FaultCompanions.Labels);
        string policy = measures ? WithLatency(Policies[name], fault.LatencyP95Ms) : WithoutMetrics(Policies[name]);
        List<(string, object)> files = [(ModelVersion.ModelFile, model.Save()), ("model.json", Encoding.UTF8.GetBytes(policy))];
        if (measures)
        {
            files.Add(("validation.csv", $"{name}/validation.csv"));
        }

        if (fault.With.HasFlag(FaultCompanions.Examples))
        {
            files.Add(("examples.json", $"{fault.Sample}/examples.json"));
        }

        return await (await WorldAsync(fault.Sample)).JudgeAsync([.. files]);
    }

    public void Dispose()
    {
        foreach (ReplayWorld world in _worlds.Values)
        {
            world.Dispose();
        }
    }

    private static string WithLatency(string policy, double limit) => Edit(policy, validation => validation["latencyP95Ms"] = limit);

    private static string WithoutMetrics(string policy) => Edit(policy, validation => validation.Remove("metrics"));

    private static string Edit(string policy, Action<JsonObject> change)
    {
        JsonObject manifest = JsonNode.Parse(policy)!.AsObject();
        change(manifest["validation"]!.AsObject());
        return manifest.ToJsonString();
    }

    private async Task<ReplayWorld> WorldAsync(string sample)
    {
        if (!_worlds.TryGetValue(sample, out ReplayWorld? world))
        {
            world = _worlds[sample] = await ReplayWorld.StartAsync(azurite, champion: sample);
            await world.LogAsync(LoggedRows);
        }

        return world;
    }
}
