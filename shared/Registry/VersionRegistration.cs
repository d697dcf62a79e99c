using Modeldrop.Manifests;
using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>A staged package that is to become a version.</summary>
public sealed record VersionRegistration
{
    public required StagedDrop Drop { get; init; }

    public required ModelInspection Inspection { get; init; }

    public required Manifest Manifest { get; init; }

    public DatasetReference? Dataset { get; init; }

    /// <summary>What became of the signatures that came with it.</summary>
    public IReadOnlyList<SignatureFinding> Signatures { get; init; } = [];

    /// <summary>Who dropped it, and why; its operation is that of the drop.</summary>
    public Actor Actor { get; init; } = Actor.System;
}

/// <summary>What became of it.</summary>
/// <param name="Existing">True when the model had a version with the same files before this operation: nothing was written.</param>
public sealed record RegisteredVersion(ModelName Model, int Version, bool Existing);
