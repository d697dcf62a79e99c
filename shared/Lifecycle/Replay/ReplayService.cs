using Microsoft.Extensions.Options;
using Modeldrop.Drops;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Replay;

/// <summary>
/// The steps of the replay gate. Each may be repeated: the result of a step stays in the operation's staging folder until the operation
/// ends.
/// </summary>
public sealed class ReplayService(
    RegistryService registry,
    VersionStore versions,
    DropStaging staging,
    ReplayPlanner planner,
    ReplayRunner runner,
    ValidationReports reports,
    IOptions<ReplayOptions> options)
{
    /// <summary>Fixes the records of the present champion with which the version is compared.</summary>
    /// <returns>Null if the model has no other champion.</returns>
    public async Task<ReplayPlan?> PlanAsync(VersionInput input, CancellationToken cancellationToken)
    {
        if (await staging.ReadDocumentAsync<ReplaySet>(input.Operation, ReplaySet.DocumentName, cancellationToken) is not { } set)
        {
            ModelName model = input.Model;
            ModelHead head = await registry.GetAsync(model, cancellationToken);
            bool hasRetired = head.FindVersion(input.Version)?.Status == VersionStatus.Retired;
            if (hasRetired || head.FindAlias(AliasName.Champion) is not { } champion || champion.Number == input.Version)
            {
                return null;
            }

            set = await planner.PlanAsync(model, champion.Number, options.Value, cancellationToken);
            await staging.WriteDocumentAsync(input.Operation, ReplaySet.DocumentName, set, cancellationToken);
        }

        return new ReplayPlan(set.Champion, set.Blocks.Count, set.Records);
    }

    /// <summary>Scores the records of one block with champion and candidate and keeps the comparison.</summary>
    public async Task RunBlockAsync(ReplayBlockInput input, CancellationToken cancellationToken)
    {
        VersionInput version = input.Version;
        string name = ReplaySet.BlockName(input.Block);
        if (await staging.ReadDocumentAsync<ReplaySummary>(version.Operation, name, cancellationToken) is null)
        {
            ReplaySet set = await GetSetAsync(version, cancellationToken);
            ReplaySummary summary = await runner.RunAsync(
                version.Model, set.Champion, version.Version, set.Blocks[input.Block], cancellationToken);
            await staging.WriteDocumentAsync(version.Operation, name, summary, cancellationToken);
        }
    }

    /// <summary>Adds the sum of all blocks to the version's report.</summary>
    /// <returns>Why the version is refused; empty if it has passed.</returns>
    public async Task<IReadOnlyList<string>> ConcludeAsync(VersionInput input, CancellationToken cancellationToken)
    {
        ModelName model = input.Model;
        ReplaySet set = await GetSetAsync(input, cancellationToken);
        ReplaySummary summary = ReplaySummary.Empty with { Transactions = set.Transactions };
        for (int block = 0; block < set.Blocks.Count; block++)
        {
            string name = ReplaySet.BlockName(block);
            summary = summary.Plus(await staging.ReadDocumentAsync<ReplaySummary>(input.Operation, name, cancellationToken)
                ?? throw new InvalidOperationException($"Operation '{input.Operation}' has no '{name}'."));
        }

        ModelVersion version = await versions.GetAsync(input.Name, cancellationToken);
        IReadOnlyList<ValidationCheck> checks = ReplayGate.Decide(
            summary, set.Champion, version.Manifest.Validation.MaxDisagreement, options.Value);
        ValidationReport report = await reports.GetAsync(input.Name, cancellationToken);
        report = report.With(checks, ReplayGate.Prefix) with { Replay = summary.FiguresAgainst(set.Champion) };
        await reports.WriteAsync(model, report, cancellationToken);
        return report.Reasons();
    }

    private async Task<ReplaySet> GetSetAsync(VersionInput input, CancellationToken cancellationToken) =>
        await staging.ReadDocumentAsync<ReplaySet>(input.Operation, ReplaySet.DocumentName, cancellationToken)
        ?? throw new InvalidOperationException($"Operation '{input.Operation}' has no '{ReplaySet.DocumentName}'.");
}
