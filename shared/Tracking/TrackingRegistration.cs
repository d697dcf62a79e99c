using Microsoft.Extensions.DependencyInjection;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking;

public static class TrackingRegistration
{
    /// <summary>MLflow's tracking and registry protocol. Needs storage, registry and lifecycle.</summary>
    public static IServiceCollection AddTracking(this IServiceCollection services) => services
        .AddSingleton<TrackingStore>()
        .AddSingleton<ExperimentService>()
        .AddSingleton<RunService>()
        .AddSingleton<LoggedModelService>()
        .AddSingleton<ArtifactStore>()
        .AddSingleton<VersionArtifacts>()
        .AddSingleton<ArtifactService>()
        .AddSingleton<VersionNotesStore>()
        .AddSingleton<SourceReader>()
        .AddSingleton<ModelIntake>()
        .AddSingleton<RegistryView>()
        .AddSingleton<RunSummaries>()
        .AddSingleton<RegistrySearch>();
}
