using System.Text.RegularExpressions;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Infra;

/// <summary>What infra/ promises of the product; that it compiles is the linter's business.</summary>
public sealed class BicepTests
{
    [Fact]
    public void Storage_Containers_AreThoseOfTheProduct()
    {
        Match list = Regex.Match(RepositoryText.Read("infra/modules/storage.bicep"), @"var containerNames = \[(?<names>[^\]]*)\]");
        string[] names = [.. Regex.Matches(list.Groups["names"].Value, "'(?<name>[^']+)'").Select(match => match.Groups["name"].Value)];

        Assert.Subset(names.ToHashSet(), BlobContainers.All.ToHashSet());
    }

    [Fact]
    public void App_Settings_HoldNoSecret()
    {
        string app = RepositoryText.Read("infra/modules/function-app.bicep");

        Assert.Contains("AzureWebJobsStorage__accountName", app, StringComparison.Ordinal);
        Assert.Contains("AzureWebJobsStorage__clientId", app, StringComparison.Ordinal);
        Assert.Contains("AzureWebJobsDisableHomepage", app, StringComparison.Ordinal);
        // Application Insights takes telemetry by identity only: without this the worker's would be refused.
        Assert.Contains("APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'", app, StringComparison.Ordinal);
        Assert.Contains("DisableLocalAuth: true", RepositoryText.Read("infra/modules/monitoring.bicep"), StringComparison.Ordinal);
        Assert.DoesNotContain("listKeys", app, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("AccountKey", app, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("allowSharedKeyAccess: false", RepositoryText.Read("infra/modules/storage.bicep"), StringComparison.Ordinal);
    }

    [Fact]
    public void Drops_Subscription_NamesAFunctionAndItsContainer()
    {
        string subscription = RepositoryText.Read("infra/drop-subscription.bicep");
        string container = Variable(subscription, "container");
        string function = Variable(subscription, "functionName");

        Assert.Equal(BlobContainers.Drop, container);
        Assert.Contains(FunctionTable.BlobTriggers, trigger =>
            trigger.Function == function && trigger.Path.StartsWith(container + "/", StringComparison.Ordinal));
    }

    private static string Variable(string bicep, string name)
    {
        Match match = Regex.Match(bicep, $@"^var {name} = '(?<value>[^']+)'", RegexOptions.Multiline);
        return match.Success ? match.Groups["value"].Value : throw new InvalidDataException($"No variable '{name}'.");
    }
}
