using System.Text.Json;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Exchange.Bundles;

/// <summary>Packs a version into one file: model, companions, report, record, history, data set.</summary>
/// <remarks>
/// The same version gives the same bytes, at any time and in any process, until its files, report or verdict change (companions that arrive
/// late). The file does not contain the time of the export.
/// </remarks>
public sealed class BundleExport(
    RegistryService registry, RegistryStore store, VersionStore versions, DatasetStore datasets, BundleSeals seals,
    IOptions<ExchangeOptions> options)
{
    /// <param name="withData">Whether reference and validation data are included.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/> while it is
    /// being validated; <see cref="ErrorCode.FileNotFound"/> when its files were deleted.
    /// </exception>
    public async Task<BundlePlan> PlanAsync(VersionName version, bool withData, CancellationToken cancellationToken)
    {
        ModelHead head = await registry.GetAsync(version.Model, cancellationToken);
        VersionEntry entry = head.FindVersion(version.Number)
            ?? throw new ServiceException(ErrorCode.VersionNotFound, $"Model '{version.Model}' has no version {version.Number}.");
        CheckReady(version, entry.Status);
        ModelVersion record = await versions.GetAsync(version.Model, entry, cancellationToken);
        List<BundlePart> parts =
        [
            .. record.Files.Where(file => withData || !IsData(file.Path)).Select(BundlePart.Of),
            BundlePart.Of(BundleEntries.Record, Bytes(record)),
            BundlePart.Of(BundleEntries.History, Bytes(await HistoryAsync(version, cancellationToken))),
        ];
        byte[]? report = await versions.FindDocumentAsync(version, VersionDocuments.Report, cancellationToken);
        if (report is not null)
        {
            parts.Add(BundlePart.Of(BundleEntries.Report, report));
        }

        if (record.Dataset is { } used
            && await datasets.FindAsync(DatasetName.Parse(used.Name), used.Version, cancellationToken) is { } dataset)
        {
            // Later versions use it too.
            DatasetUse[] own = [.. dataset.Uses.Where(use => use.Model == version.Model && use.Version == version.Number)];
            parts.Add(BundlePart.Of(BundleEntries.Dataset, Bytes(dataset with { Uses = own })));
        }

        string? reportSha256 = parts.Find(part => part.Entry.Path == BundleEntries.Report)?.Entry.Sha256;
        IEnumerable<VersionFile> leftOut = record.Files.Where(file => !withData && IsData(file.Path));
        IEnumerable<VersionFile> neverHere = (record.Omitted ?? []).Where(file => record.FindFile(file.Path) is null);
        VersionFile[] omitted =
        [
            .. leftOut.Select(file => file with { StoredAt = null }).Concat(neverHere).OrderBy(file => file.Path, StringComparer.Ordinal),
        ];
        return await seals.SealAsync(BundlePlan.Of(record, OriginOf(record, reportSha256), parts, omitted), cancellationToken);
    }

    /// <summary>Writes the file. Needs memory for one block, whatever the size of the file.</summary>
    /// <param name="output">Need not seek.</param>
    public Task WriteAsync(BundlePlan plan, Stream output, CancellationToken cancellationToken) => BundleWriter.WriteAsync(
        plan.Entries(), output, file => versions.ReadAsync(plan.Version.Name, file.StoredAt ?? file.Path, cancellationToken),
        cancellationToken);

    /// <summary>The origin of the version, as another installation records it.</summary>
    private VersionOrigin OriginOf(ModelVersion record, string? reportSha256)
    {
        VersionOrigin? before = record.Origin;
        VersionOrigin[] earlier = before is null ? [] : [before with { Earlier = [] }, .. before.Earlier];
        return new VersionOrigin(
            options.Value.Installation, record.Model, record.Number, record.Digest, reportSha256, record.Dataset)
        {
            Earlier = [.. earlier.Take(VersionOrigin.MaxEarlier)],
        };
    }

    private async Task<IReadOnlyList<RegistryEvent>> HistoryAsync(VersionName version, CancellationToken cancellationToken) =>
        await store.ReadEventsAsync(version.Model, null, null, cancellationToken)
            .Where(happened => BundleHistory.Belongs(happened, version.Number)).ToListAsync(cancellationToken);

    private static void CheckReady(VersionName version, VersionStatus status)
    {
        if (status is VersionStatus.Registered or VersionStatus.Validating)
        {
            throw new ServiceException(
                ErrorCode.VersionNotReady,
                $"Version {version.Number} of '{version.Model}' is still being validated; export it when the validation has ended.");
        }

        if (status == VersionStatus.Deleted)
        {
            throw new ServiceException(
                ErrorCode.FileNotFound, $"The files of version {version.Number} of '{version.Model}' were deleted by retention.");
        }
    }

    private static bool IsData(string path) =>
        CompanionFiles.IsData(path, CompanionFiles.Reference) || CompanionFiles.IsData(path, CompanionFiles.Validation);

    private static byte[] Bytes<T>(T document) => JsonSerializer.SerializeToUtf8Bytes(document, StoredJson.Readable);
}
