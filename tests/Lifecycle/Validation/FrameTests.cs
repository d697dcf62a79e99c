using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Tabular;
using Modeldrop.Tensors;
using Modeldrop.Tests.Probe;
using Modeldrop.Tests.Scoring;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Tests.Lifecycle.Validation;

/// <summary>
/// Data files as pandas and others write them (tests/Cases/frames): registered, profiled, validated and read in the parts of a batch, or
/// refused
/// with what to change.
/// </summary>
public sealed class FrameTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ProbeService _probe = ProbeFixture.Service();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _probe.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("plain.csv")]
    [InlineData("index.csv")]
    [InlineData("index-of-two.csv")]
    [InlineData("index-twice.csv")]
    [InlineData("trailing-comma.csv")]
    [InlineData("semicolons.csv")]
    [InlineData("tabs.csv")]
    [InlineData("tabs-decimal-commas.csv")]
    [InlineData("bom.csv")]
    [InlineData("crlf.csv")]
    [InlineData("quoted.csv")]
    [InlineData("quoted-decimal-commas.csv")]
    [InlineData("categories.csv")]
    [InlineData("decimals.csv")]
    [InlineData("dates.csv")]
    [InlineData("line-breaks.csv", "0.5 1.25 -3", "1 2 3", "a|b\nof two lines|c \"quoted\", with a comma")]
    [InlineData("booleans.csv", "1 0 1")]
    [InlineData("nullable-booleans.csv", "1 NaN 0")]
    [InlineData("nullable-integers.csv", "0.5 -3", "1 3", "a|c")]
    [InlineData("integers-as-floats.csv", "0.5 -3", "1 3", "a|c")]
    [InlineData("gaps-in-words.csv", "0.5 -3", "1 3", "a|c")]
    [InlineData("flat.parquet")]
    [InlineData("nested.parquet")]
    [InlineData("nullable.parquet", "0.5 -3", "1 3", "a|c")]
    public async Task Frame_AsItIsWritten_IsTaken(string file, string x = "0.5 1.25 -3", string n = "1 2 3", string s = "a|b|c")
    {
        string path = await PlaceAsync(file);
        (InspectionOutcome outcome, Validated validated) = await ValidateAsync();

        Assert.Empty(outcome.Companions!.Violations);
        Assert.True(validated.Report.IsValid, validated.Report.Summary);
        int kept = n.Split(' ').Length;
        Assert.Equal(kept, validated.Baseline!.Profile.Rows);
        Assert.Equal(["x", "n", "s"], validated.Baseline.Profile.Features.Where(feature => !feature.Feature.IsOutput).Select(feature =>
            feature.Feature.Name));
        Assert.Equal(kept < 3, validated.Report.Checks.Any(check => check is { Name: "gaps", Figure: 1 }
            && check.Details![0] == "Column 'n': 1 are missing."));
        Assert.Equal(3 - kept, outcome.Companions.Find("reference")!.Profile!.Single(column => column.Name == "n").Missing);

        Signature signature = outcome.Inspection!.Signature;
        MappedRows whole = ColumnMapping.Create(signature, await TableReader.ReadAsync(path, TableLimits.Default, Token)).Read(0, 3,
            leavesGapsOut: true);
        List<Tensor> parts = await ReadPartsAsync(path, signature);
        foreach (IReadOnlyList<Tensor> inputs in (IReadOnlyList<Tensor>[])[whole.Inputs, parts])
        {
            Assert.Equal(x, string.Join(' ', MemoryMarshal.Cast<byte, float>(inputs[0].Data.Span).ToArray().Select(value =>
                FormattableString.Invariant($"{value}"))));
            Assert.Equal(n, string.Join(' ', MemoryMarshal.Cast<byte, long>(inputs[1].Data.Span).ToArray()));
            Assert.Equal(s, string.Join('|', inputs[2].Strings!));
        }
    }

    [Theory]
    [InlineData("thousands-or-decimals.csv",
        "Column 'x' has numbers such as '1,234', which can be 1.234 or 1234; write them with a decimal point, and without marks between "
            + "thousands.")]
    [InlineData("thousands-and-decimals.csv", "line 2, column 'x': '1.234,5' is not a number.")]
    [InlineData("two-delimiters.csv",
        "The columns of 'reference.csv' can be separated in two ways; put names that have a comma, semicolon or tab in quotes.")]
    [InlineData("no-integers.csv", "no row can be scored: each lacks a value for an integer or a boolean ('n').")]
    [InlineData("utf-16.csv", "'reference.csv' is utf-16 text; save it as UTF-8.")]
    [InlineData("lists.parquet", "Column 'x' is a list; write its parts as columns of their own.")]
    [InlineData("bytes.parquet", "Column 's' is of a type that is neither number nor text; write it as one.")]
    public async Task Frame_ThatNobodyCanRead_SaysWhatToChange(string file, string expected)
    {
        string path = await PlaceAsync(file);

        InspectionOutcome outcome = await _probe.InspectDropAsync(_folder.Path, null, Token);

        Assert.Contains(expected, outcome.Companions!.Violations[0], StringComparison.Ordinal);
        if (file is not ("no-integers.csv" or "thousands-and-decimals.csv"))
        {
            ServiceException refused = await Assert.ThrowsAsync<ServiceException>(() => ReadPartsAsync(path,
                outcome.Inspection!.Signature));
            Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The default of the writer that is used most: 1,048,576 rows in one row group.</summary>
    [Fact]
    public async Task RowGroup_OfAMillionRows_IsTakenInParts()
    {
        _folder.Write("model.onnx", OnnxBuilder.Identity(TensorElementType.Float, -1, 1));
        File.Copy(Case("big.parquet"), Path.Combine(_folder.Path, "reference.parquet"));

        (InspectionOutcome outcome, Validated validated) = await ValidateAsync();
        List<Tensor> parts = await ReadPartsAsync(Case("big.parquet"), outcome.Inspection!.Signature, least: 4);

        Assert.Equal(1_048_576, validated.Baseline!.Profile.Rows);
        MappedRows whole = ColumnMapping.Create(outcome.Inspection.Signature, await TableReader.ReadAsync(Case("big.parquet"),
            TableLimits.Default, Token))
            .Read(0, 1_048_576);
        Assert.True(whole.Inputs[0].Data.Span.SequenceEqual(parts[0].Data.Span));
    }

    [Fact]
    public async Task Parquet_ColumnsThatNobodyAsksFor_AreNotDecoded()
    {
        _folder.Write("model.onnx", OnnxBuilder.Identity(TensorElementType.Float, -1, 1));
        File.Copy(Case("id.parquet"), Path.Combine(_folder.Path, "reference.parquet"));

        (InspectionOutcome outcome, Validated validated) = await ValidateAsync();
        Table chosen = await TableReader.ReadAsync(Case("id.parquet"), TableLimits.Default, Token, _ => ["x"]);

        Assert.Empty(outcome.Companions!.Violations);
        Assert.NotNull(validated.Baseline);
        Assert.Equal([("x", true), ("id", false)], chosen.Columns.Select(column => (column.Name, column.IsRead)));
    }

    private static string Case(string file) => Path.Combine(RepositoryFiles.Root, "tests", "Cases", file);

    /// <summary>Puts the file beside a model that gives back a float, an integer and a text.</summary>
    private async Task<string> PlaceAsync(string file)
    {
        _folder.Write("model.onnx", new OnnxBuilder()
            .Input("x", TensorElementType.Float, -1, 1).Input("n", TensorElementType.Int64, -1, 1).Input("s", TensorElementType.String,
                -1, 1)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1, 1)).Output("m",
                OnnxBuilder.TensorType(TensorElementType.Int64, -1, 1))
            .Output("t", OnnxBuilder.TensorType(TensorElementType.String, -1, 1))
            .Node("Identity", ["x"], ["y"]).Node("Identity", ["n"], ["m"]).Node("Identity", ["s"], ["t"]).Build());
        string path = Path.Combine(_folder.Path, $"reference{Path.GetExtension(file)}");
        if (path.EndsWith(".csv", StringComparison.Ordinal))
        {
            File.Copy(Case(Path.Combine("frames", file)), path);
        }
        else
        {
            await ParquetFrames.WriteAsync(Path.GetFileNameWithoutExtension(file), path, Token);
        }

        return path;
    }

    private async Task<(InspectionOutcome Outcome, Validated Validated)> ValidateAsync()
    {
        InspectionOutcome outcome = await _probe.InspectDropAsync(_folder.Path, null, Token);
        Assert.Empty(outcome.Companions!.Violations);
        var validator = new Validator(_probe, Options.Create(ProbeFixture.Options(options => options.LatencyRuns = 20)),
            new FakeTimeProvider());
        var version = new ModelVersion
        {
            Model = ModelName.Parse("frames"), Number = 1, Digest = "", ModelSha256 = "", Files = [], Inspection = outcome.Inspection!,
                Manifest = new Manifest(),
            DroppedAt = DateTimeOffset.UnixEpoch, RegisteredAt = DateTimeOffset.UnixEpoch, Operation = "test",
        };
        return (outcome, await validator.ValidateAsync(new ValidationSubject(_folder.Path, version), champion: null, profiles: true,
            Token));
    }

    /// <summary>As a batch reads it: cut, and then part by part.</summary>
    private static async Task<List<Tensor>> ReadPartsAsync(string path, Signature signature, int least = 1)
    {
        await using FileStream file = File.OpenRead(path);
        TableFormat format = path.EndsWith(".csv", StringComparison.Ordinal) ? TableFormat.Csv : TableFormat.Parquet;
        ChunkedTable cut = await TableChunks.CutAsync(file, Path.GetFileName(path), format, 1, Token);
        string[] needed = [.. ColumnMapping.Create(signature, cut.Header).Columns];
        Assert.True(cut.Chunks.Count >= least);
        var rows = new GrowingTensors();
        foreach (TableChunk chunk in cut.Chunks)
        {
            byte[] bytes = format == TableFormat.Csv ? (await File.ReadAllBytesAsync(path, Token))[(int)chunk.Start..(int)(
                chunk.Start + chunk.Length)] : [];
            Table table = await TableChunks.ReadAsync(format == TableFormat.Csv ? new MemoryStream(bytes) : file, "x", cut, chunk, needed,
                Token);
            foreach (Tensor tensor in ColumnMapping.Create(signature, table).Read(0, table.Rows, leavesGapsOut: true).Inputs)
            {
                rows.Add(tensor);
            }
        }

        return [.. rows.ToTensors()];
    }
}
