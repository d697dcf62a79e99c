using Modeldrop.Lifecycle.Validation;
using Modeldrop.Registry;
using Modeldrop.Tracking.Models;

namespace Modeldrop.Site.Versions;

/// <summary>A version in detail.</summary>
/// <param name="Report">Null before its validation.</param>
/// <param name="Other">Another version to compare it with; null: none was requested.</param>
/// <param name="Run">The data of its run when it was registered; null: it came from no run of MLflow's client.</param>
public sealed record VersionView(
    ModelHead Head, VersionEntry Entry, ModelVersion Record, ValidationReport? Report, OtherVersion? Other, RunSummary? Run = null);

/// <param name="Report">Null before its validation.</param>
public sealed record OtherVersion(VersionEntry Entry, ModelVersion Record, ValidationReport? Report);
