using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Scoring;

/// <summary>Real models: answers over the protocol equal those of ONNX Runtime directly, bit for bit.</summary>
public sealed class SampleScoringTests
{
    [Theory]
    [InlineData("penguins/1")]
    [InlineData("penguins/2")]
    [InlineData("flights/1")]
    [InlineData("flights/2")]
    [InlineData("digits/1")]
    public async Task InferAsync_ValidationRows_EqualOnnxRuntimeBitForBit(string sample)
    {
        string path = ScoringKit.SamplePath(sample);
        List<Dictionary<string, string>> rows = ReadCsv(Path.Combine(Path.GetDirectoryName(path)!, "..", "validation.csv"), 150);
        using ModelSession session = ModelSession.Load(path);
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));

        Reply reply = await kit.InferAsync("m", Request(session.Signature, rows));

        Assert.Equal((200, "application/json"), (reply.Status, reply.Headers.ContentType.ToString()));
        using IDisposableReadOnlyCollection<OrtValue> expected = Direct(path, session.Signature, rows);
        JsonElement outputs = reply.Json.GetProperty("outputs");
        Assert.Equal(
            session.Signature.Outputs.Select(output => output.Name),
            outputs.EnumerateArray().Select(output => output.GetProperty("name").GetString()));
        JsonElement[] labels = [.. outputs[0].GetProperty("data").EnumerateArray()];
        if (session.Signature.Outputs[0].Datatype == Datatype.Bytes)
        {
            Assert.Equal(expected[0].GetStringTensorAsArray(), labels.Select(label => label.GetString()));
        }
        else
        {
            Assert.Equal(expected[0].GetTensorDataAsSpan<long>().ToArray(), labels.Select(label => label.GetInt64()));
        }

        Assert.Equal(
            expected[1].GetTensorDataAsSpan<float>().ToArray().Select(BitConverter.SingleToInt32Bits),
            outputs[1].GetProperty("data").EnumerateArray().Select(p => BitConverter.SingleToInt32Bits(p.GetSingle())));
        Assert.Equal(expected[1].GetTensorTypeAndShape().Shape, outputs[1].GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()));
    }

    /// <summary>
    /// Handwritten scoring for one model, with one thread. ONNX Runtime sums the trees of an ensemble in an order that depends on the
    /// number of threads, so with more threads its bits would depend on the machine.
    /// </summary>
    private static IDisposableReadOnlyCollection<OrtValue> Direct(string path, Signature signature, List<Dictionary<string, string>> rows)
    {
        using var settings = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(path, settings);
        using var options = new RunOptions();
        Dictionary<string, OrtValue> inputs = signature.Inputs.ToDictionary(input => input.Name, input =>
        {
            string[] cells = [.. rows.SelectMany(row => Columns(input).Select(column => row[column]))];
            long[] shape = [rows.Count, .. input.Shape.Skip(1)];
            switch (input.Datatype)
            {
                case Datatype.Fp32:
                    return OrtValue.CreateTensorValueFromMemory(
                        Array.ConvertAll(cells, cell => float.Parse(cell, CultureInfo.InvariantCulture)), shape);
                case Datatype.Int64:
                    return OrtValue.CreateTensorValueFromMemory(
                        Array.ConvertAll(cells, cell => long.Parse(cell, CultureInfo.InvariantCulture)), shape);
                default:
                    OrtValue value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
                    for (int i = 0; i < cells.Length; i++)
                    {
                        value.StringTensorSetElementAt(cells[i].AsSpan(), i);
                    }

                    return value;
            }
        });
        IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, inputs, session.OutputNames);
        foreach (OrtValue input in inputs.Values)
        {
            input.Dispose();
        }

        return results;
    }

    private static string Request(Signature signature, List<Dictionary<string, string>> rows)
    {
        IEnumerable<string> inputs = signature.Inputs.Select(input =>
        {
            IEnumerable<string> cells = rows.SelectMany(row => Columns(input).Select(column => row[column]));
            IEnumerable<string> data = input.Datatype == Datatype.Bytes ? cells.Select(cell => JsonSerializer.Serialize(cell)) : cells;
            string shape = string.Join(",", new[] { rows.Count }.Concat(input.Shape.Skip(1).Select(d => (int)d)));
            return $$"""{"name":"{{input.Name}}","shape":[{{shape}}],"datatype":"{{input.Datatype.ProtocolName()}}","data":[{{string.Join(",", data)}}]}""";
        });
        return $$"""{"inputs":[{{string.Join(",", inputs)}}]}""";
    }

    private static IEnumerable<string> Columns(TensorSpec input) =>
        input.RowElements == 1 ? [input.Name] : Enumerable.Range(0, (int)input.RowElements).Select(i => $"{input.Name}_{i}");

    private static List<Dictionary<string, string>> ReadCsv(string path, int rows)
    {
        string[] lines = [.. File.ReadLines(path).Take(rows + 1)];
        string[] header = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => header.Zip(line.Split(',')).ToDictionary(cell => cell.First, cell => cell.Second))];
    }
}
