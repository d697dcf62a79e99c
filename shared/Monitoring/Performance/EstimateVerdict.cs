using System.Globalization;

namespace Modeldrop.Monitoring.Performance;

/// <summary>What the labels of a window say of the estimate.</summary>
/// <param name="Refuted">What follows from the answers has changed (<see cref="ChangeKind.ConceptDrift"/>).</param>
/// <param name="Agrees">Nothing speaks against it: the p-value is above 0.05.</param>
/// <param name="Rows">With a label.</param>
public sealed record EstimateVerdict(bool Refuted, bool Agrees, long Rows);

/// <summary>
/// Whether the estimates of a version are believed, from window to window. Once labels have refuted them they are withdrawn, also for
/// windows without labels, until a window agrees that has at least half as many labelled rows.
/// </summary>
internal sealed class EstimateTrust
{
    private const double EnoughShare = 0.5;

    private (DateTimeOffset From, DateTimeOffset To, long Rows)? _refuted;

    /// <summary>Takes the verdict of a window; windows come by time.</summary>
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

    /// <summary>Why an estimate is withdrawn by the labels of earlier windows; null when it is not.</summary>
    public string? Reason() => _refuted is not { } refuted ? null : string.Create(CultureInfo.InvariantCulture,
        $"The {refuted.Rows:N0} labels from {refuted.From:u} to {refuted.To:u} refuted it, and no later window of as many has cleared it.");
}
