using Modeldrop.Lifecycle.Validation;
using Modeldrop.Registry;

namespace Modeldrop.Site.Versions;

/// <summary>A version in detail.</summary>
/// <param name="Report">Null before its validation.</param>
/// <param name="Other">Another version to compare it with; null: none was asked for.</param>
public sealed record VersionView(
    ModelHead Head, VersionEntry Entry, ModelVersion Record, ValidationReport? Report, OtherVersion? Other);

/// <param name="Report">Null before its validation.</param>
public sealed record OtherVersion(VersionEntry Entry, ModelVersion Record, ValidationReport? Report);
