using Modeldrop.Registry;

namespace Modeldrop.Site.Data;

/// <summary>All data sets by name, the latest version of each.</summary>
public sealed record DatasetListView(IReadOnlyList<DatasetVersion> Datasets);

/// <summary>A data set.</summary>
/// <param name="Versions">In order, without uses and profiles.</param>
/// <param name="Shown">With its profile, and the versions of models that came from it.</param>
public sealed record DatasetView(string Name, IReadOnlyList<DatasetVersion> Versions, DatasetVersion Shown);
