using System.Diagnostics;
using Modeldrop.Probe;
using Parquet;
using Parquet.Schema;

namespace Modeldrop.Tests.Probe;

/// <summary>Companions are read in the same place as the model: in the child process, within its limits.</summary>
public sealed class CompanionTests : IDisposable
{
    private const string Header = "hour,dow,distance,origin,destination,late";

    private readonly TemporaryFolder _folder = new();

    public CompanionTests() => _folder.Copy(SampleFiles.PathOf("flights/1/model.onnx"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task InspectDrop_ParquetReference_IsDescribed()
    {
        await WriteParquetAsync("reference.parquet");
        _folder.Write("validation.csv", $"{Header}\n1,2,3,A,B,0\n1,2,,A,,1\n");

        InspectionOutcome outcome = await InspectAsync();

        Assert.Empty(outcome.Reasons);
        Assert.Empty(outcome.Companions!.Violations);
        DataFile reference = outcome.Companions.Find(CompanionFiles.Reference)!;
        Assert.Equal(("reference.parquet", 3), (reference.File, reference.Rows));
        Assert.Equal(["origin", "hour", "dow", "distance", "destination"], reference.Columns);
        Assert.Equal(("validation.csv", 2), (outcome.Companions.DataFiles[1].File, outcome.Companions.DataFiles[1].Rows));
    }

    [Fact]
    public async Task InspectDrop_MissingInteger_LeavesItsRowOut()
    {
        await WriteParquetAsync("reference.parquet", dow: [1, null, 3]);

        InspectionOutcome outcome = await InspectAsync();

        Assert.Empty(outcome.Companions!.Violations);
        Assert.Equal(1, outcome.Companions.Find(CompanionFiles.Reference)!.Profile!.Single(column => column.Name == "dow").Missing);
    }

    [Fact]
    public async Task InspectDrop_SeveralErrors_ReportsAllAtOnce()
    {
        _folder.Write("reference.csv", $"{Header}\n1,2,3,A,B,0\n,x,3,A,B,1\n1,2.5,far,A,B,0\n");
        _folder.Write("validation.csv", "hour,dow,late\n1,2,0\n");
        _folder.Write("examples.json", """[{"request": {"inputs": []}, "tolerence": 1, "note": ""}]""");

        InspectionOutcome outcome = await InspectAsync();

        Assert.True(outcome.IsAccepted);
        Assert.Equal(
            [
                "reference.csv: line 3, column 'dow': 'x' is not an integer.",
                "reference.csv: line 4, column 'dow': '2.5' is not an integer.",
                "reference.csv: line 4, column 'distance': 'far' is not a number.",
                "validation.csv: Input 'distance': column 'distance' is missing.",
                "validation.csv: Input 'origin': column 'origin' is missing.",
                "validation.csv: Input 'destination': column 'destination' is missing.",
                "examples.json: Example 0: 'tolerence' is unknown; did you mean 'tolerance'?",
                "examples.json: Example 0: 'note' is unknown; the members are 'request', 'response', 'tolerance', 'rtol', 'atol'.",
                "examples.json: Example 0: 'request.inputs' must be a list of tensors.",
                "examples.json: Example 0: 'response.outputs' must be a list of tensors.",
            ],
            outcome.Companions!.Violations);
    }

    [Theory]
    [InlineData("1e300")]
    [InlineData("-1")]
    [InlineData("1000000.1")]
    public async Task InspectDrop_ToleranceThatAnyOrNoAnswerMeets_IsRefused(string tolerance)
    {
        const string Tensors = """[{"name": "x", "shape": [1], "datatype": "FP32", "data": [1]}]""";
        _folder.Write("examples.json",
            $$"""[{"request": {"inputs": {{Tensors}}}, "response": {"outputs": {{Tensors}}}, "tolerance": {{tolerance}}}]""");

        InspectionOutcome outcome = await InspectAsync();

        Assert.Equal(["examples.json: Example 0: 'tolerance' is not a number from 0 to 1,000,000."], outcome.Companions!.Violations);
    }

    [Fact]
    public async Task InspectDrop_ManyWrongCells_AreCounted()
    {
        _folder.Write("reference.csv", $"{Header}\n{string.Concat(Enumerable.Repeat("1,x,far,A,B,0\n", 100_000))}");

        InspectionOutcome outcome = await InspectAsync();

        Assert.Equal(20, outcome.Companions!.Violations.Count);
        Assert.Equal("reference.csv: line 2, column 'dow': 'x' is not an integer.", outcome.Companions.Violations[0]);
        Assert.Equal("reference.csv: 199,981 more values do not fit.", outcome.Companions.Violations[19]);
    }

    [Fact]
    public async Task InspectDrop_TruncatedParquet_NamesTheFile()
    {
        string path = await WriteParquetAsync("reference.parquet");
        byte[] whole = await File.ReadAllBytesAsync(path, Token);
        foreach (int length in (int[])[0, 12, whole.Length / 2, whole.Length - 1])
        {
            await File.WriteAllBytesAsync(path, whole[..length], Token);

            InspectionOutcome outcome = await InspectAsync();

            Assert.True(outcome.IsAccepted);
            Assert.StartsWith(
                "'reference.parquet' cannot be read as Parquet", Assert.Single(outcome.Companions!.Violations), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task InspectDrop_RefusedModel_StillNamesTheErrorsOfItsData()
    {
        _folder.Write("model.onnx", "no model"u8.ToArray());
        _folder.Write("reference.csv", "a,b\n1\n");
        _folder.Write("validation.csv", "a,b\n");
        _folder.Write("examples.json", "[");

        InspectionOutcome outcome = await InspectAsync();

        Assert.Contains("is text", Assert.Single(outcome.Reasons), StringComparison.Ordinal);
        Assert.Equal("'reference.csv', line 2: 1 fields, but the header has 2.", outcome.Companions!.Violations[0]);
        Assert.Equal("validation.csv: has no rows.", outcome.Companions.Violations[1]);
        Assert.StartsWith("examples.json is not JSON", outcome.Companions.Violations[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task InspectDrop_TooManyColumnNames_AreRefused()
    {
        _folder.Write(
            "reference.csv",
            $"{Header},{string.Join(',', Enumerable.Range(0, 60_000).Select(column => $"column-{column}"))}\n{new string(',', 60_005)}\n");

        InspectionOutcome outcome = await InspectAsync();

        Assert.Equal(
            ["reference.csv: the names of its 60,006 columns take more than 524,288 bytes, which is the limit."],
            outcome.Companions!.Violations);
    }

    /// <summary>A data file that never ends: a named pipe without a writer blocks its reader, like a damaged Parquet file.</summary>
    [Fact]
    public async Task InspectDrop_DataThatHangTheReader_AreBlamedAndNotTheModel()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Named pipes are made by mkfifo.");
        using (Process made = Process.Start("mkfifo", [Path.Combine(_folder.Path, "reference.parquet")]))
        {
            await made.WaitForExitAsync(Token);
        }

        using ProbeService impatient = ProbeFixture.Service(options => options.Timeout = TimeSpan.FromSeconds(20));
        InspectionOutcome drop = await impatient.InspectDropAsync(_folder.Path, null, Token);
        using ProbeService probe = ProbeFixture.Service();
        InspectionOutcome model = await probe.InspectAsync(_folder.Path, Token);

        Assert.Equal(["Reading 'reference.parquet' did not finish within 20 s, which is the limit."], drop.Reasons);
        Assert.True(model.IsAccepted);
        Assert.Null(model.Companions);
    }

    private async Task<InspectionOutcome> InspectAsync()
    {
        using ProbeService probe = ProbeFixture.Service();
        return await probe.InspectDropAsync(_folder.Path, null, Token);
    }

    private async Task<string> WriteParquetAsync(string name, long?[]? dow = null)
    {
        string path = Path.Combine(_folder.Path, name);
        DataField origin = new("origin", typeof(string), isNullable: true);
        DataField<long> hour = new("hour");
        DataField<long?> day = new("dow");
        DataField<float> distance = new("distance");
        DataField destination = new("destination", typeof(string), isNullable: true);
        await using FileStream file = File.Create(path);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(origin, hour, day, distance, destination), file, cancellationToken: Token);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        await group.WriteAsync(origin, (IReadOnlyCollection<string>)["SFO", "JFK", "ORD"]);
        await group.WriteAsync<long>(hour, new long[] { 6, 12, 23 }.AsMemory(), cancellationToken: Token);
        await group.WriteAsync<long>(day, (dow ?? [1, 2, 7]).AsMemory(), cancellationToken: Token);
        await group.WriteAsync<float>(distance, new[] { 300f, 2_500f, 733f }.AsMemory(), cancellationToken: Token);
        await group.WriteAsync(destination, (IReadOnlyCollection<string>)["LAX", "SFO", "DEN"]);
        return path;
    }
}
