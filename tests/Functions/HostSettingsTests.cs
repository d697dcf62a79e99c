using Microsoft.Extensions.Configuration;
using Modeldrop.Functions;

namespace Modeldrop.Tests.Functions;

/// <summary>Settings that the Functions host reads belong to the same installation as the app's settings.</summary>
public sealed class HostSettingsTests
{
    private const string Hub = "AzureFunctionsJobHost:extensions:durableTask:hubName";

    [Fact]
    public void Check_NoPrefix_NeedsOnlyTheContainerOfTheTrigger() => HostSettings.Check(Settings(("Storage:DropContainer", "drop")));

    [Fact]
    public void Check_PrefixesThatMatchTheHost_Pass() => HostSettings.Check(Settings(
        ("Storage:TablePrefix", "Other"), ("Storage:ContainerPrefix", "other-"), ("Storage:DropContainer", "other-drop"), (Hub, "Other")));

    [Fact]
    public void Check_PrefixesThatDifferFromTheHost_NamesAllSettings()
    {
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() =>
            HostSettings.Check(Settings(
                ("Storage:TablePrefix", "Other"), ("Storage:ContainerPrefix", "other-"), ("Storage:DropContainer", "drop"))));

        Assert.Contains("Set Storage__DropContainer to 'other-drop'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Set AzureFunctionsJobHost__extensions__durableTask__hubName to 'Other'", exception.Message,
            StringComparison.Ordinal);
        Assert.Contains("it is 'Modeldrop'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_NoContainerForTheTrigger_IsAnError() =>
        Assert.Contains("'drop'", Assert.Throws<InvalidOperationException>(() => HostSettings.Check(Settings())).Message,
            StringComparison.Ordinal);

    private static IConfigurationRoot Settings(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(pair => KeyValuePair.Create(pair.Key, pair.Value))).Build();
}
