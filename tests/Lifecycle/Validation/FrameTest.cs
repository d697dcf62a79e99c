using System.Globalization;
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

/// <summary>A data file beside a model, read by a drop and by a batch.</summary>
public abstract class FrameTest : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private protected string Folder => _folder.Path;

    private protected ProbeService Probe { get; } = ProbeFixture.Service();

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Probe.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static string Case(string file) => Path.Combine(RepositoryFiles.Root, "tests", "Cases", file);

    /// <summary>Writes a model that returns x, n and s: a float, an integer and a text.</summary>
    private protected void PlaceModel() => PlaceModel(new OnnxBuilder()
        .Input("x", TensorElementType.Float, -1, 1).Input("n", TensorElementType.Int64, -1, 1).Input("s", TensorElementType.String, -1, 1)
        .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1, 1))
        .Output("m", OnnxBuilder.TensorType(TensorElementType.Int64, -1, 1))
        .Output("t", OnnxBuilder.TensorType(TensorElementType.String, -1, 1))
        .Node("Identity", ["x"], ["y"]).Node("Identity", ["n"], ["m"]).Node("Identity", ["s"], ["t"]).Build());

    private protected void PlaceModel(byte[] model) => _folder.Write("model.onnx", model);

    /// <summary>Checks that the file registers, profiles and validates, and that a batch reads it with these values.</summary>
    private protected async Task AssertTakenAsync(string path, string x, string n, string s)
    {
        (InspectionOutcome outcome, Validated validated) = await ValidateAsync();

        Assert.True(validated.Report.IsValid, validated.Report.Summary);
        int kept = n.Split(' ').Length;
        Assert.Equal(kept, validated.Baseline!.Profile.Rows);
        Assert.Equal(["x", "n", "s"], validated.Baseline.Profile.Features.Where(feature => !feature.Feature.IsOutput).Select(feature =>
            feature.Feature.Name));
        Assert.Equal(kept < 3, validated.Report.Checks.Any(check => check is { Name: "gaps", Figure: 1 }
            && check.Details![0] == "Column 'n': 1 are missing."));
        Assert.Equal(3 - kept, outcome.Companions!.Find("reference")!.Profile!.Single(column => column.Name == "n").Missing);

        Signature signature = outcome.Inspection!.Signature;
        MappedRows whole = ColumnMapping.Create(signature, await TableReader.ReadAsync(path, TableLimits.Default, Token)).Read(0, 3,
            leavesGapsOut: true);
        List<Tensor> parts = await ReadPartsAsync(path, signature);
        foreach (IReadOnlyList<Tensor> inputs in (IReadOnlyList<Tensor>[])[whole.Inputs, parts])
        {
            Assert.Equal(x, string.Join(' ', MemoryMarshal.Cast<byte, float>(inputs[0].Data.Span).ToArray().Select(value =>
                value.ToString("R", CultureInfo.InvariantCulture))));
            Assert.Equal(n, string.Join(' ', MemoryMarshal.Cast<byte, long>(inputs[1].Data.Span).ToArray()));
            Assert.Equal(s, string.Join('|', inputs[2].Strings!));
        }
    }

    /// <summary>Checks that the drop is refused, and a batch too if the columns cannot be read.</summary>
    private protected async Task AssertRefusedAsync(string path, string expected, bool byBatch = true)
    {
        InspectionOutcome outcome = await Probe.InspectDropAsync(Folder, null, Token);

        Assert.NotEmpty(outcome.Companions!.Violations);
        Assert.Contains(expected, outcome.Companions.Violations[0], StringComparison.Ordinal);
        if (byBatch)
        {
            ServiceException refused = await Assert.ThrowsAsync<ServiceException>(() => ReadPartsAsync(path,
                outcome.Inspection!.Signature));
            Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        }
    }

    private protected async Task<(InspectionOutcome Outcome, Validated Validated)> ValidateAsync()
    {
        InspectionOutcome outcome = await Probe.InspectDropAsync(Folder, null, Token);
        Assert.Empty(outcome.Companions!.Violations);
        var validator = new Validator(Probe, Options.Create(ProbeFixture.Options(options => options.LatencyRuns = 20)),
            new FakeTimeProvider());
        var version = new ModelVersion
        {
            Model = ModelName.Parse("frames"), Number = 1, Digest = "", ModelSha256 = "", Files = [], Inspection = outcome.Inspection!,
                Manifest = new Manifest(),
            DroppedAt = DateTimeOffset.UnixEpoch, RegisteredAt = DateTimeOffset.UnixEpoch, Operation = Ids.Operation("test"),
        };
        return (outcome, await validator.ValidateAsync(new ValidationSubject(Folder, version), champion: null, profiles: true,
            Token));
    }

    /// <summary>Reads a file as a batch does: cuts it, then reads it part by part.</summary>
    private protected static async Task<List<Tensor>> ReadPartsAsync(string path, Signature signature, int least = 1)
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
