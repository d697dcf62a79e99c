using System.Text.RegularExpressions;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Infra;

/// <summary>Properties of infra/ that the product relies on. The linter checks that it compiles.</summary>
public sealed class BicepTests
{
    private const string ScoringApp = "infra/modules/scoring-app.bicep";

    [Fact]
    public void Storage_Containers_EqualThoseOfTheProduct()
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
        // Application Insights accepts telemetry by identity only: without this, the worker's telemetry would be refused.
        Assert.Contains(
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'", app, StringComparison.Ordinal);
        Assert.Contains("DisableLocalAuth: true", RepositoryText.Read("infra/modules/monitoring.bicep"), StringComparison.Ordinal);
        Assert.DoesNotContain("listKeys", app, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("AccountKey", app, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("allowSharedKeyAccess: false", RepositoryText.Read("infra/modules/storage.bicep"), StringComparison.Ordinal);
    }

    [Fact]
    public void Drops_Subscription_NamesAFunctionAndItsContainer()
    {
        string subscription = RepositoryText.Read("infra/drop-subscription.bicep");
        string function = Variable(subscription, "functionName");

        // Late companions count, so all files are announced except the app's own answers.
        Assert.DoesNotContain("subjectEndsWith", subscription, StringComparison.Ordinal);
        Assert.Contains("'/rejected.json'", subscription, StringComparison.Ordinal);

        Assert.Contains((function, $"%{StorageOptions.DropContainerSetting}%/{{name}}"), FunctionTable.BlobTriggers);
        // The app's setting and the subscription name the same container.
        Assert.Contains($"param container string = '{BlobContainers.Drop}'", subscription, StringComparison.Ordinal);
        Assert.Contains("/blobServices/default/containers/${container}/blobs/", subscription, StringComparison.Ordinal);
        Assert.Contains($"{StorageOptions.DropContainerSetting}: '{BlobContainers.Drop}'",
            RepositoryText.Read("infra/modules/function-app.bicep"), StringComparison.Ordinal);
    }

    [Fact]
    public void Storage_RolesOfTheApp_CoverBlobsQueuesAndTablesExceptTheCode()
    {
        // Durable Functions and the host create queues, tables and containers of their own, so the roles are on the account; the condition
        // excludes the container of the app's own code from what its identity may read or change.
        string storage = RepositoryText.Read("infra/modules/storage.bicep");

        Assert.Equal(
            ["roles.blobDataOwner", "roles.queueDataContributor", "roles.tableDataContributor"],
            Regex.Matches(storage, @"name: guid\(account\.id, appIdentityName, (?<role>roles\.\w+)\)")
                .Select(match => match.Groups["role"].Value));
        Assert.Contains("StringNotEquals \\'${deploymentContainerName}\\'", storage, StringComparison.Ordinal);
        foreach (string action in (string[])["read", "write", "delete", "add/action", "move/action", "runAsSuperUser/action"])
        {
            Assert.Contains($"'blobs/{action}'", storage, StringComparison.Ordinal);
        }

        Assert.Matches(@"guid\(deploymentContainer\.id, deployIdentityName, roles\.blobDataContributor\)\s+scope: deploymentContainer",
            storage);
        Assert.Contains("userAssignedIdentityResourceId: deployIdentityId", RepositoryText.Read("infra/modules/function-app.bicep"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void SigningKey_RoleOfTheApp_IsOnTheKeyAlone()
    {
        string module = RepositoryText.Read("infra/modules/signing-key.bicep");

        // Key Vault Crypto User, of Azure's list of built-in roles: it signs and reads the public part; it cannot export or change a key.
        Assert.Contains("keyVaultCryptoUser: '12338af0-0e69-4776-bea7-57ae8d297424'", module, StringComparison.Ordinal);
        Assert.Equal(["vault::key"], Regex.Matches(module, @"scope: (?<scope>\S+)").Select(match => match.Groups["scope"].Value));
        Assert.Contains("Signing__KeyVaultKey: signingKeyUri", RepositoryText.Read("infra/modules/function-app.bicep"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Storage_Logs_RecordWritesAndDeletes()
    {
        string storage = RepositoryText.Read("infra/modules/storage.bicep");

        Assert.Equal(["blobs", "queues", "tables"],
            Regex.Matches(storage, @"Microsoft\.Insights/diagnosticSettings@[^{]+\{\s+name: 'changes'\s+scope: (?<scope>\w+)")
            .Select(match => match.Groups["scope"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ScoringApp_Settings_HoldNoSecret()
    {
        string app = RepositoryText.Read(ScoringApp);

        Assert.Matches(@"name: 'Roles'\s+value: 'scoring'", app);
        Assert.Matches(@"name: 'AzureWebJobsStorage__accountName'\s+value: account\.name", app);
        Assert.Matches(@"name: 'AzureWebJobsStorage__clientId'\s+value: identity\.properties\.clientId", app);
        Assert.DoesNotContain("listKeys", app, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("AccountKey", app, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Access__OwnerKey", app, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void ScoringApp_Storage_MayReadButNotChangeModels()
    {
        string app = RepositoryText.Read(ScoringApp);
        string[] scopes = [.. Regex
            .Matches(app, @"scope: (?<scope>account\S*)\s+properties: \{[^}]*roleDefinitions', roles\.(?<role>\w+)\)")
            .Select(match => $"{match.Groups["role"].Value} on {match.Groups["scope"].Value}")];

        Assert.Equal(
            [
                "blobDataContributor on account::blobs::predictions",
                "blobDataReader on account::blobs::models",
                "tableDataContributor on account",
            ],
            scopes.Order(StringComparer.Ordinal));
        Assert.Contains($"name: '{BlobContainers.Models}'", app, StringComparison.Ordinal);
        Assert.Contains($"name: '{BlobContainers.Predictions}'", app, StringComparison.Ordinal);
    }

    [Fact]
    public void ScoringApp_Probes_UseRoutesWithoutAKey()
    {
        // The platform stores a probe's headers in plain text, so they must not hold a key.
        string[] paths = [.. Regex.Matches(RepositoryText.Read(ScoringApp), "'(?<path>/v2/health/[^']+)'")
            .Select(match => match.Groups["path"].Value)];

        Assert.Equal(2, paths.Length);
        Assert.Subset(FunctionTable.OpenRoutes.ToHashSet(), paths.Select(path => $"GET {path}").ToHashSet());
    }

    private static string Variable(string bicep, string name)
    {
        Match match = Regex.Match(bicep, $@"^var {name} = '(?<value>[^']+)'", RegexOptions.Multiline);
        return match.Success ? match.Groups["value"].Value : throw new InvalidDataException($"No variable '{name}'.");
    }
}
