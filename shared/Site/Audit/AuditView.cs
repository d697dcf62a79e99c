using Modeldrop.Registry;

namespace Modeldrop.Site.Audit;

/// <summary>The audit trail of a time, newest first.</summary>
/// <param name="Model">Whose; null: of all.</param>
/// <param name="IsCut">Whether older ones of the time are left out.</param>
public sealed record AuditView(
    IReadOnlyList<AuditEntry> Entries, string? Model, DateTimeOffset From, DateTimeOffset To, bool IsCut);
