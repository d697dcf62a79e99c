using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Registry;

public sealed class RegistryRegistrationTests(AzuriteFixture azurite)
{
    [Fact]
    public void AddRegistry_Defaults_ResolveEverything()
    {
        using ServiceProvider services = Build(new Dictionary<string, string?>());

        Assert.NotNull(services.GetRequiredService<RegistryService>());
        Assert.NotNull(services.GetRequiredService<DatasetStore>());
        RegistryOptions options = services.GetRequiredService<IOptions<RegistryOptions>>().Value;
        Assert.Equal((2_147_483_648, 2_147_483_648, 100), (options.MaxModelBytes, options.MaxCompanionBytes, options.MaxCompanions));
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromHours(1)), (options.SettleTime, options.MissingFilesTimeout));
    }

    [Theory]
    [InlineData("Registry:MaxModelBytes", "0")]
    [InlineData("Registry:MaxModelBytes", "2147483649")]
    [InlineData("Registry:MaxCompanionBytes", "0")]
    [InlineData("Registry:MaxCompanions", "-1")]
    [InlineData("Registry:SettleTime", "-00:00:01")]
    [InlineData("Registry:SettleTime", "01:00:01")]
    [InlineData("Registry:MissingFilesTimeout", "8.00:00:00")]
    public void AddRegistry_OptionOutOfRange_IsRefused(string key, string value)
    {
        using ServiceProvider services = Build(new Dictionary<string, string?> { [key] = value });

        Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<RegistryOptions>>().Value);
    }

    [Theory]
    [InlineData("Storage:TablePrefix", "Other")]
    [InlineData("Storage:ContainerPrefix", "other-")]
    public void AddStorage_OnePrefixWithoutTheOther_IsRefused(string key, string value)
    {
        using ServiceProvider services = Build(new Dictionary<string, string?> { [key] = value });

        OptionsValidationException exception = Assert.Throws<OptionsValidationException>(
            () => services.GetRequiredService<IOptions<StorageOptions>>().Value);
        Assert.Contains("set both or none", exception.Message, StringComparison.Ordinal);
    }

    private ServiceProvider Build(Dictionary<string, string?> settings)
    {
        settings[StorageOptions.ConnectionName] = azurite.ConnectionString;
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return new ServiceCollection().AddLogging().AddStorage(configuration).AddRegistry(configuration).BuildServiceProvider();
    }
}
