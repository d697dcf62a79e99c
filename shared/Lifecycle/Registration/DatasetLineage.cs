using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Probe;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Registration;

/// <summary>
/// Finds the data set that a version came from: the reference data beside it, or the registered one that its manifest names.
/// </summary>
public sealed class DatasetLineage(DatasetStore datasets)
{
    /// <summary>Compares the manifest's statement about a registered data set with the registry.</summary>
    /// <returns>The violation; null if there is none, or if the manifest names no data set.</returns>
    public async Task<string?> CheckAsync(Manifest manifest, StagedDrop drop, CancellationToken cancellationToken)
    {
        if (manifest.Dataset is not { Name: { } name, Version: { } version })
        {
            return null;
        }

        if (await datasets.FindAsync(DatasetName.Parse(name), version, cancellationToken) is not { } dataset)
        {
            return $"{ManifestReader.FileName}: data set '{name}' has no version {version}; register it first (POST "
                + $"/api/datasets/{name}), or leave out 'dataset.version'.";
        }

        VersionFile? reference = drop.Files.FirstOrDefault(file => CompanionFiles.IsData(file.Path, CompanionFiles.Reference));
        return reference is null || reference.Sha256 == dataset.Digest ? null
            : $"{reference.Path}: it is not version {version} of data set '{name}', as {ManifestReader.FileName} says; its SHA-256 is "
                + $"{reference.Sha256}, not {dataset.Digest}.";
    }

    /// <summary>Returns the data set of a drop and registers it if it is new. Safe to repeat.</summary>
    /// <returns>Null when the drop has none.</returns>
    public async Task<DatasetReference?> RegisterAsync(
        StagedDrop drop, StagedInspection inspected, string actor, CancellationToken cancellationToken)
    {
        DatasetSource? said = inspected.Manifest.Dataset;
        if (inspected.Reference is { } reference)
        {
            VersionFile file = drop.FindFile(reference.File)!;
            DatasetName name = DatasetName.Find(said?.Name) ?? DatasetName.Parse($"{drop.Model}-reference");
            return await datasets.RegisterAsync(
                new DatasetRegistration(name, file.Sha256, reference.Rows, reference.Columns, file.Bytes, said?.Uri, said?.Note)
                {
                    Profile = reference.Profile ?? [],
                    RegisteredBy = actor,
                },
                cancellationToken);
        }

        if (drop.Bundle is { } bundle)
        {
            // Version numbers are those of the other installation: the same data may have another number here.
            return bundle.Origin.Dataset is { } there && DatasetName.Find(there.Name) is { } same
                && await datasets.FindAsync(same, there.Digest, cancellationToken) is { } known
                ? new DatasetReference(known.Name, known.Version, known.Digest)
                : null;
        }

        // Checked when the drop was inspected, and versions of data sets are never deleted.
        return said is { Name: { } named, Version: { } version }
            && await datasets.FindAsync(DatasetName.Parse(named), version, cancellationToken) is { } dataset
            ? new DatasetReference(named, version, dataset.Digest)
            : null;
    }

    /// <summary>Records that a version came from the data set. Safe to repeat.</summary>
    public Task LinkAsync(
        DatasetReference dataset, RegisteredVersion version, ReferenceFile? reference, CancellationToken cancellationToken) =>
        datasets.LinkAsync(
            dataset, new VersionName(version.Model, version.Version), reference is null
                ? null
                : $"{version.Model}/{version.Version}/{reference.File}", cancellationToken);
}
