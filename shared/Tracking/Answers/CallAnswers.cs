using Modeldrop.Tracking.Models;

namespace Modeldrop.Tracking.Answers;

// Answers of MLflow's protocol: each is an object that wraps its subject. Lists have a token for the next page, if there is one.

/// <summary>The answer of a call that returns no data.</summary>
public sealed record EmptyAnswer;

public sealed record CreatedExperiment(string ExperimentId);

public sealed record OneExperiment(ExperimentAnswer Experiment);

public sealed record ExperimentPage(IReadOnlyList<ExperimentAnswer> Experiments, string? NextPageToken);

public sealed record OneRun(RunAnswer Run);

public sealed record UpdatedRun(RunInfoAnswer RunInfo);

public sealed record RunPage(IReadOnlyList<RunAnswer> Runs, string? NextPageToken);

public sealed record MetricPage(IReadOnlyList<MetricAnswer> Metrics, string? NextPageToken);

public sealed record OneLoggedModel(LoggedModelAnswer Model);

public sealed record LoggedModelPage(IReadOnlyList<LoggedModelAnswer> Models, string? NextPageToken);

public sealed record OneRegisteredModel(RegisteredModelAnswer RegisteredModel);

public sealed record RegisteredModelPage(IReadOnlyList<RegisteredModelAnswer> RegisteredModels, string? NextPageToken);

public sealed record OneModelVersion(ModelVersionAnswer ModelVersion);

public sealed record ModelVersionPage(IReadOnlyList<ModelVersionAnswer> ModelVersions, string? NextPageToken);

public sealed record DownloadUri(string ArtifactUri);

/// <param name="Files">By path from the root.</param>
public sealed record ArtifactFolder(string RootUri, IReadOnlyList<FileInfoAnswer> Files);

/// <param name="Files">By name in the folder.</param>
public sealed record ArtifactFiles(IReadOnlyList<FileInfoAnswer> Files);

/// <summary>The supported ways to transfer files.</summary>
public sealed record ServerInfo(bool MultipartUploadsEnabled, bool MultipartDownloadsEnabled, bool WorkspacesEnabled);
