using Modeldrop.Registry;

namespace Modeldrop.Site.Audit;

/// <summary>The audit trail of a time, newest first.</summary>
/// <param name="Model">Whose; null: of all.</param>
public sealed record AuditView(AuditPage Page, string? Model, DateTimeOffset From, DateTimeOffset To);
