using System.Globalization;
using System.Text;
using System.Text.Json;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Lifecycle.Registration;

/// <summary>A team's own column names for one wide input, as scikit-learn exports it.</summary>
public sealed class OwnColumnsTests(AzuriteFixture azurite) : IDisposable
{
    private const string Names = "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)";

    private static readonly ModelName Iris = ModelName.Parse("iris");

    private readonly LifecycleKit _kit = new(azurite);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] Model => File.ReadAllBytes(Path.Combine(RepositoryFiles.Root, "tests", "Cases", "iris4.onnx"));

    public void Dispose() => _kit.Dispose();

    [Fact]
    public async Task Register_FileWithAsManyColumnsAsTheInput_GivesItsColumnNames()
    {
        DropInput drop = await _kit.DropAsync("op-1", "iris", ("model.onnx", Model), ("reference.csv", Csv($"{Names},target")),
            ("validation.csv", Csv($"{Names},target")));
        (ModelVersion version, ReferenceProfile profile, ValidationReport report) = await RegisterAsync(drop);

        Assert.Equal(Names.Split(','), version.Inspection.Signature.Inputs[0].Columns);
        Assert.Equal(Names.Split(','), profile.Features.Where(feature => !feature.Feature.IsOutput).Select(feature =>
            feature.Feature.Name));
        ValidationCheck columns = report.Checks.Single(check => check.Name == "columns");
        Assert.StartsWith("Input 'X': 'sepal length (cm)', 'sepal width (cm)'", columns.Details![0], StringComparison.Ordinal);
        Assert.Equal(600, report.Metrics!.Rows);
    }

    [Fact]
    public async Task Register_ColumnsOfTheManifest_KeepItsOrder()
    {
        string[] names = [.. Names.Split(',').Reverse()];
        byte[] manifest = JsonSerializer.SerializeToUtf8Bytes(new
        {
            label = "species",
            inputs = new { X = new { columns = names } },
            monitoring = new { features = new Dictionary<string, object> { ["petal width (cm)"] = new { watch = false } },
                slices = new[] { new[] { "sepal width (cm)" } } },
        });
        DropInput drop = await _kit.DropAsync("op-1", "iris", ("model.onnx", Model), ("reference.csv", Csv($"id,{Names},species")), (
            "model.json", manifest));

        (ModelVersion version, ReferenceProfile profile, ValidationReport report) = await RegisterAsync(drop);

        Assert.Equal(names, version.Inspection.Signature.Inputs[0].Columns);
        Assert.Equal(names, profile.Features.Where(feature => feature.Feature is { IsOutput: false, Slice: -1 }).Select(feature =>
            feature.Feature.Name));
        Assert.False(profile.Features[0].Policy!.Watch);
        Assert.Equal([["sepal width (cm)"]], profile.Slices.Select(slice => slice.Inputs).DistinctBy(inputs => inputs[0]));
        Assert.DoesNotContain(report.Checks, check => check.Name == "columns");
    }

    [Theory]
    [InlineData("id,a,b,c,d", null,
        "Input 'X': 4 of 4 columns are missing: 'X_0', 'X_1', 'X_2', 'X_3'. 'inputs.X.columns' in model.json can name other "
            + "columns.")]
    [InlineData("a,b,c,d", """{"inputs": {"X": {"columns": ["a", "b", "c", "e"]}}}""", "Input 'X': column 'e' is missing.")]
    [InlineData("a,b,c,d", """{"inputs": {"X": {"columns": ["a", "b", "c"]}}}""", "'inputs.X.columns' has 3 names")]
    [InlineData("a,b,c,d", """{"inputs": {"x": {}}}""", "'inputs.x' is not an input of the model; its inputs are 'X'.")]
    [InlineData("a,b,c,d", """{"inputs": {"X": {"columns": ["a", "a", "c", "d"]}}}""", "it must be a list of different strings")]
    public async Task Inspect_ColumnsThatDoNotFit_AreRefusedWithTheRemedy(string header, string? manifest, string expected)
    {
        List<(string, object)> files = [("model.onnx", Model), ("reference.csv", Csv(header))];
        if (manifest is not null)
        {
            files.Add(("model.json", Encoding.UTF8.GetBytes(manifest)));
        }

        IReadOnlyList<string> reasons = await _kit.InspectAsync(await _kit.DropAsync("op-1", "iris", [.. files]));

        Assert.Contains(expected, Assert.Single(reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Complete_LateData_GiveTheVersionItsColumnNames()
    {
        DropInput drop = await _kit.DropAsync("op-1", "iris", ("model.onnx", Model));
        RegisterVersionResult registered = await _kit.RegisterAsync(drop);
        DropInput late = await _kit.DropAsync("op-2", "iris", ("model.onnx", Model), ("reference.csv", Csv(Names)));
        late = late with { Drop = late.Drop with { Late = new LateFile("reference.csv", "") } };

        Assert.Equal(registered.Version, (await _kit.RegisterAsync(late)).Version);

        Assert.Equal(
            Names.Split(','),
            (await _kit.Registry.Versions.GetAsync(new VersionName(Iris, 1), Token)).Inspection.Signature.Inputs[0].Columns);
    }

    private async Task<(ModelVersion Version, ReferenceProfile Profile, ValidationReport Report)> RegisterAsync(DropInput drop)
    {
        RegisterVersionResult registered = await _kit.RegisterAsync(drop);
        ValidationChecks checks = await _kit.ValidateAsync(
            new VersionInput(drop.Operation, ModelName.Parse("iris"), registered.Version, "ann"));
        Assert.Empty(checks.Reasons);
        var version = new VersionName(Iris, registered.Version);
        byte[] report = (await _kit.Registry.Versions.FindDocumentAsync(version, VersionDocuments.Report, Token))!;
        return (await _kit.Registry.Versions.GetAsync(version, Token), (await _kit.Profiles.FindAsync(version, Token))!,
            JsonSerializer.Deserialize<ValidationReport>(report, StoredJson.Options)!);
    }

    private static byte[] Csv(string header)
    {
        var random = new Random(3);
        var csv = new StringBuilder($"{header}\n");
        string[] names = header.Split(',');
        for (int row = 0; row < 600; row++)
        {
            csv.AppendJoin(',', names.Select(name => name is "species" or "target" or "sepal width (cm)" ? $"{random.Next(3)}"
                : Math.Round(random.NextDouble() * 4, 1).ToString(CultureInfo.InvariantCulture))).Append('\n');
        }

        return Encoding.UTF8.GetBytes(csv.ToString());
    }
}
