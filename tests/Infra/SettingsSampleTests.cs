using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Infra;

/// <summary>local.settings.sample.json names every setting of the product, with its default.</summary>
public sealed class SettingsSampleTests
{
    private static IReadOnlyDictionary<string, string> Sample => SettingsSample.All;

    // Read by the Functions host, or by hand in StorageRegistration.
    private static readonly string[] OtherKeys =
    [
        "FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", "AzureWebJobsDisableHomepage", "Storage__TablePrefix",
        "Storage__ContainerPrefix",
        StorageOptions.DropContainerSetting,
    ];

    public static TheoryData<Type> AllOptions => [.. OptionsClasses.Find(typeof(StorageOptions).Assembly)];

    [Fact]
    public void Find_MarkedClass_IsFoundWithItsKeys()
    {
        Type options = Assert.Single(OptionsClasses.Find(typeof(SettingsSampleTests).Assembly), type => type == typeof(FoundOptions));

        Assert.Equal(["Found__Inner__Limit", "Found__Wait"], OptionsClasses.Keys(options).Order(StringComparer.Ordinal));
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(AllOptions))]
    public void Sample_OptionsClass_HasEveryKey(Type options)
    {
        string[] missing = [.. OptionsClasses.Keys(options).Where(key => !Sample.ContainsKey(key))];

        Assert.True(missing.Length == 0, $"local.settings.sample.json lacks {string.Join(", ", missing)} of {options.Name}.");
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(AllOptions))]
    public void Sample_OptionsClass_HasTheDefaults(Type options)
    {
        object defaults = Activator.CreateInstance(options)!;
        object bound = Activator.CreateInstance(options)!;
        Configuration().GetSection(OptionsClasses.Section(options)!).Bind(bound);

        Assert.Equal(Json(defaults, options), Json(bound, options));
    }

    [Fact]
    public void Sample_EveryKey_IsRead()
    {
        IEnumerable<string> known = OptionsClasses.Find(typeof(StorageOptions).Assembly).SelectMany(OptionsClasses.Keys).Concat(OtherKeys);

        Assert.Empty(Sample.Keys.Except(known, StringComparer.Ordinal));
    }

    [Fact]
    public void Sample_Storage_IsTheEmulatorWithTheDefaultPrefix()
    {
        Assert.Equal("UseDevelopmentStorage=true", Sample["AzureWebJobsStorage"]);
        Assert.Equal(new StorageOptions().TablePrefix, Sample["Storage__TablePrefix"]);
        Assert.Equal(BlobContainers.Drop, Sample[StorageOptions.DropContainerSetting]);
    }

    private static IConfigurationRoot Configuration() => new ConfigurationBuilder()
        .AddInMemoryCollection(Sample.Where(pair => pair.Value.Length > 0)
            .ToDictionary(pair => pair.Key.Replace("__", ":", StringComparison.Ordinal), pair => (string?)pair.Value))
        .Build();

    private static string Json(object options, Type type) => JsonSerializer.Serialize(options, type);

    private sealed class FoundOptions
    {
        public const string SectionName = "Found";

        public TimeSpan Wait { get; set; }

        public Nested Inner { get; set; } = new();

        public sealed class Nested
        {
            public int Limit { get; set; }
        }
    }
}
