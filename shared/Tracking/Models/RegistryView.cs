using System.Globalization;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking.Models;

/// <summary>The registry as MLflow's client sees it, without archived models and deleted versions.</summary>
public sealed class RegistryView(RegistryService registry, VersionStore versions, VersionNotesStore notes, ValidationReports reports)
{
    private const string Pending = "PENDING_REGISTRATION";
    private const string Ready = "READY";
    private const string Failed = "FAILED_REGISTRATION";
    private const string NoStage = "None";

    /// <summary>A model that is not archived.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>.</exception>
    public async Task<ModelHead> GetHeadAsync(ModelName model, CancellationToken cancellationToken) =>
        await registry.FindAsync(model, cancellationToken) is { Archived: false } head
            ? head
            : throw new ServiceException(ErrorCode.ModelNotFound, $"Registered Model with name={model} not found");

    /// <summary>A version that is not deleted.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.VersionNotFound"/>.</exception>
    public static VersionEntry GetEntry(ModelHead head, int version) =>
        head.FindVersion(version) is { Status: not VersionStatus.Deleted } entry
            ? entry
            : throw new ServiceException(ErrorCode.VersionNotFound, $"Model Version (name={head.Name}, version={version}) not found");

    public async Task<RegisteredModelAnswer> AnswerAsync(ModelHead head, CancellationToken cancellationToken)
    {
        IReadOnlyList<ModelVersionAnswer> all = await ListVersionsAsync(head, cancellationToken);
        return new RegisteredModelAnswer(
            head.Name.Value,
            head.CreatedAt.ToUnixTimeMilliseconds(),
            head.UpdatedAt.ToUnixTimeMilliseconds(),
            head.Description,
            [.. all.Where(version => version.Status == Ready).TakeLast(1)],
            KeyValue.ListOf(head.Tags),
            [.. head.Aliases.Select(alias => new RegisteredAlias(alias.Key, Text(alias.Value.Version)))]);
    }

    /// <summary>All versions of a model, by number. Failed versions have no reasons here.</summary>
    public async Task<IReadOnlyList<ModelVersionAnswer>> ListVersionsAsync(ModelHead head, CancellationToken cancellationToken)
    {
        if (head.Versions.IsEmpty)
        {
            return [];
        }

        IReadOnlyDictionary<int, VersionNotes> said = await notes.ListAsync(head.Name, cancellationToken);
        return
        [
            .. head.Versions.Where(entry => entry.Status != VersionStatus.Deleted)
                .Select(entry => Answer(head, entry, said.GetValueOrDefault(entry.Number) ?? VersionNotes.None, message: null)),
        ];
    }

    /// <summary>A version with all its details.</summary>
    public async Task<ModelVersionAnswer> AnswerAsync(ModelHead head, VersionEntry entry, CancellationToken cancellationToken)
    {
        var name = new VersionName(head.Name, entry.Number);
        VersionNotes said = await notes.GetAsync(name, cancellationToken);
        if (said.RunId is null && (await versions.GetAsync(head.Name, entry, cancellationToken)).Manifest.Source?.Run is { } run
            && TrackingIds.IsRun(run))
        {
            said = said with { RunId = run };
        }

        string? message = entry.Status == VersionStatus.Rejected
            ? string.Join(' ', ErrorText.Bounded((await reports.FindAsync(name, cancellationToken))?.Reasons() ?? []))
            : null;
        return Answer(head, entry, said, message);
    }

    private static ModelVersionAnswer Answer(ModelHead head, VersionEntry entry, VersionNotes said, string? message)
    {
        string status = entry.Status switch
        {
            VersionStatus.Registered or VersionStatus.Validating => Pending,
            VersionStatus.Rejected => Failed,
            _ => Ready,
        };
        long registered = entry.RegisteredAt.ToUnixTimeMilliseconds();
        return new ModelVersionAnswer(
            head.Name.Value,
            Text(entry.Number),
            registered,
            Math.Max(registered, said.UpdatedAt),
            said.User,
            NoStage,
            said.Description ?? "",
            said.Source ?? ArtifactPath.OfVersion(new VersionName(head.Name, entry.Number)).Uri,
            said.RunId,
            status,
            status == Pending ? $"The version is {entry.Status}; its validation has not ended." : message,
            KeyValue.ListOf(said.Tags),
            said.RunLink,
            [.. head.Aliases.Where(alias => alias.Value.Version == entry.Number).Select(alias => alias.Key)],
            said.ModelId);
    }

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);
}
