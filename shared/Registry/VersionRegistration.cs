using Modeldrop.Manifests;
using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>A staged package to register as a version.</summary>
public sealed record VersionRegistration
{
    public required StagedDrop Drop { get; init; }

    public required ModelInspection Inspection { get; init; }

    public required Manifest Manifest { get; init; }

    public DatasetReference? Dataset { get; init; }

    /// <summary>Findings about the signatures that came with it.</summary>
    public IReadOnlyList<SignatureFinding> Signatures { get; init; } = [];

    /// <summary>Who dropped it, and why; its operation is that of the drop.</summary>
    public Actor Actor { get; init; } = Actor.System;
}

/// <summary>The result of a registration.</summary>
/// <param name="Existing">Whether the model already had a version with the same files before this operation, so that nothing was
/// written.</param>
public sealed record RegisteredVersion(ModelName Model, int Version, bool Existing);
