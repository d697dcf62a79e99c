using Modeldrop.Registry;

namespace Modeldrop.Site.Data;

/// <summary>The latest version of each data set, by name.</summary>
public sealed record DatasetListView(IReadOnlyList<DatasetVersion> Datasets);

/// <summary>A data set.</summary>
/// <param name="Versions">In order, without uses and profiles.</param>
/// <param name="Shown">With its profile, and the versions of models that came from it.</param>
public sealed record DatasetView(string Name, IReadOnlyList<DatasetVersion> Versions, DatasetVersion Shown);
