using System.Globalization;

namespace Modeldrop.Monitoring.Performance;

/// <summary>What the labels of a window show about the estimate.</summary>
/// <param name="Refuted">The outcomes given the answers have changed (<see cref="ChangeKind.ConceptDrift"/>).</param>
/// <param name="Agrees">The labels do not contradict the estimate: the p-value is above 0.05.</param>
/// <param name="Rows">Labelled rows.</param>
public sealed record EstimateVerdict(bool Refuted, bool Agrees, long Rows);

/// <summary>
/// Whether a version's estimates are trusted, from window to window. After labels refute them, they are withdrawn, even for windows without
/// labels, until a window with at least half as many labelled rows agrees.
/// </summary>
internal sealed class EstimateTrust
{
    private const double EnoughShare = 0.5;

    private (DateTimeOffset From, DateTimeOffset To, long Rows)? _refuted;

    /// <summary>Adds the verdict of a window. Windows must come in order of time.</summary>
    public void Add(DateTimeOffset from, DateTimeOffset to, EstimateVerdict verdict)
    {
        if (verdict.Refuted)
        {
            _refuted = (from, to, verdict.Rows);
        }
        else if (_refuted is { } before && verdict.Agrees && verdict.Rows >= EnoughShare * before.Rows)
        {
            _refuted = null;
        }
    }

    /// <summary>Why the labels of earlier windows withdraw the estimate; null when they do not.</summary>
    public string? Reason() => _refuted is not { } refuted ? null : string.Create(CultureInfo.InvariantCulture,
        $"The {refuted.Rows:N0} labels from {refuted.From:u} to {refuted.To:u} refuted it, and no later window with enough labels agrees.");
}
