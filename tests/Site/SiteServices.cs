using Modeldrop.Lifecycle.Drills;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Registry;
using Modeldrop.Scoring.Failures;
using Modeldrop.Site.Models;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Site;

/// <summary>The services of the console's pages on an account.</summary>
internal static class SiteServices
{
    public static ModelListService ModelList(StorageAccount account, TimeProvider clock) => new(
        new RegistryStore(account, clock), new DriftStore(account), new AlertStore(account, clock), new ProfileStore(account),
        new FailureStore(account), clock);

    public static ModelPageService ModelPage(StorageAccount account, TimeProvider clock)
    {
        var versions = new VersionStore(account);
        return new ModelPageService(
            new RegistryStore(account, clock), versions, new ValidationReports(versions), new DriftStore(account),
            new AlertStore(account, clock), new ProfileStore(account), new DrillReports(versions), new DatasetStore(account, clock),
            new ModelExamples(versions), clock);
    }
}
