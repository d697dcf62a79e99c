using Modeldrop.Registry;

namespace Modeldrop.Site.Audit;

/// <summary>The audit trail of a period, newest first.</summary>
/// <param name="Model">Null: all models.</param>
public sealed record AuditView(AuditPage Page, string? Model, DateTimeOffset From, DateTimeOffset To);
