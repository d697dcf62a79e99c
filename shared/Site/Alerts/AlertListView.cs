using Modeldrop.Monitoring.Alerts;

namespace Modeldrop.Site.Alerts;

/// <summary>A page of alerts, newest first, as they were when it was requested.</summary>
/// <param name="Model">Null: all models.</param>
/// <param name="Status">Null: all.</param>
public sealed record AlertListView(AlertPage Page, string? Model, DeliveryStatus? Status);
