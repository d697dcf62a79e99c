using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Replay;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Shadow;

/// <summary>Compares a shadow with the version that answered the requests.</summary>
/// <param name="Checks">The same checks as in a validation's replay; they have no consequences.</param>
public sealed record ShadowComparison(int With, IReadOnlyList<ValidationCheck> Checks, ReplayFigures Figures);

/// <summary>What a shadow has done since it was set.</summary>
/// <param name="Percent">Percent of the requests; 0: it is no longer a shadow.</param>
/// <param name="Through">When the newest record that it has answered was received; null: it has answered none.</param>
public sealed record ShadowStatus(
    int Version, int Percent, DateTimeOffset? From, DateTimeOffset? Since, DateTimeOffset? Through, long Records,
    IReadOnlyList<ShadowComparison> Comparisons);

public sealed record ShadowReport(ModelName Model, IReadOnlyList<ShadowStatus> Shadows);

/// <summary>The comparison report of a model's shadows.</summary>
public sealed class ShadowReports(RegistryService registry, VersionStore versions, ShadowService shadows, IOptions<ReplayOptions> options)
{
    /// <param name="version">A version that is, or was, a shadow; null: all present shadows.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.VersionNotFound"/>.</exception>
    public async Task<ShadowReport> GetAsync(ModelName model, int? version, CancellationToken cancellationToken)
    {
        ModelHead head = await registry.GetAsync(model, cancellationToken);
        if (version is { } asked && head.FindVersion(asked) is null)
        {
            throw new ServiceException(ErrorCode.VersionNotFound, $"Model '{model}' has no version {asked}.");
        }

        List<ShadowStatus> found = [];
        foreach (int number in version is { } one ? [one] : head.Shadows.Keys)
        {
            found.Add(await StatusAsync(new VersionName(model, number), head.Shadows.GetValueOrDefault(number), cancellationToken));
        }

        return new ShadowReport(model, found);
    }

    private async Task<ShadowStatus> StatusAsync(VersionName version, ShadowEntry? entry, CancellationToken cancellationToken)
    {
        ShadowState? state = await shadows.FindAsync(version, cancellationToken);
        if (entry is not null && state?.Since != entry.Since)
        {
            // The stored state belongs to an earlier comparison.
            state = null;
        }

        double? allowed = (await versions.GetAsync(version, cancellationToken)).Manifest.Validation.MaxDisagreement;
        ShadowComparison[] comparisons = [.. (state?.Against ?? []).Select(against => new ShadowComparison(
            against.Key,
            ReplayGate.Compare(against.Value, $"version {against.Key}", allowed, options.Value),
            against.Value.FiguresAgainst(against.Key)))];
        return new ShadowStatus(
            version.Number, entry?.Percent ?? 0, entry?.From, entry?.Since ?? state?.Since, state?.Through,
            comparisons.Sum(one => one.Figures.Records), comparisons);
    }
}
