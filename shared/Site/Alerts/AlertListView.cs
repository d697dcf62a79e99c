using Modeldrop.Monitoring.Alerts;

namespace Modeldrop.Site.Alerts;

/// <summary>A page of alerts, newest first, at one request.</summary>
/// <param name="Model">Whose; null: of all.</param>
/// <param name="Status">Null: all.</param>
public sealed record AlertListView(AlertPage Page, string? Model, DeliveryStatus? Status);
