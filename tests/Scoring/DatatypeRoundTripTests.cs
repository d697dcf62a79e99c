using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Modeldrop.Predictions.Export;
using Modeldrop.Tensors;
using Modeldrop.Wire;
using Modeldrop.Wire.OpenInference;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Tests.Scoring;

/// <summary>Round trip of every datatype through an identity model, as JSON and as bytes.</summary>
public sealed class DatatypeRoundTripTests
{
    public static TheoryData<Datatype> All => [.. Enum.GetValues<Datatype>()];

    [Theory]
    [MemberData(nameof(All))]
    public async Task InferAsync_BinaryInBothDirections_KeepsTheBytes(Datatype datatype)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(datatype.ElementType(), -1, -1));
        byte[] bytes = Bytes(datatype, 6, seed: 11);
        string json = $$$"""{"inputs":[{"name":"x","shape":[2,3],"datatype":"{{{datatype.ProtocolName()}}}","parameters":{"binary_data_size":{{{bytes.Length}}}}}],"parameters":{"binary_data_output":true}}""";

        Reply reply = await kit.InferAsync(
            "m", [.. Encoding.UTF8.GetBytes(json), .. bytes], null, (OipCodec.HeaderLength, $"{json.Length}"));

        Assert.True(reply.Status == 200, reply.Text);
        int header = int.Parse(reply.Headers[OipCodec.HeaderLength].ToString(), CultureInfo.InvariantCulture);
        Assert.Equal(bytes, reply.Body[header..]);
        JsonElement output = JsonDocument.Parse(reply.Body.AsMemory(0, header)).RootElement.GetProperty("outputs")[0];
        Assert.Equal(bytes.Length, output.GetProperty("parameters").GetProperty("binary_data_size").GetInt32());
        Assert.False(output.TryGetProperty("data", out _));
    }

    [Theory]
    [InlineData("BOOL", "[true,false,1,0,1.0,0.0]", "[true,false,true,false,true,false]")]
    [InlineData("UINT8", "[0,255,3.0,1e2,2550E-1]", "[0,255,3,100,255]")]
    [InlineData("UINT16", "[0,65535]", "[0,65535]")]
    [InlineData("UINT32", "[0,4294967295]", "[0,4294967295]")]
    [InlineData("UINT64", "[0,18446744073709551615,9007199254740993]", "[0,18446744073709551615,9007199254740993]")]
    [InlineData("INT8", "[-128,127,-0]", "[-128,127,0]")]
    [InlineData("INT16", "[-32768,32767]", "[-32768,32767]")]
    [InlineData("INT32", "[-2147483648,2147483647]", "[-2147483648,2147483647]")]
    [InlineData("INT64", "[-9223372036854775808,9223372036854775807,92233720368547758.00,9007199254740993e0,3.0,-0.0]",
        "[-9223372036854775808,9223372036854775807,92233720368547758,9007199254740993,3,0]")]
    [InlineData("FP16", "[1,-0.5,65504,null,NaN,5.96e-8,-0.0]", "[1,-0.5,65500,null,null,6E-08,-0.0]")]
    [InlineData("BF16", "[1,-0.5,1.00390625,1.01171875,-Infinity]", "[1,-0.5,1,1.015625,null]")]
    [
        InlineData(
            "FP32", "[0.1,-0,0,16777217,1e-45,3.4028235e38,NaN,Infinity,-Infinity,null]",
            "[0.1,-0.0,0,16777216,1E-45,3.4028235E+38,null,null,null,null]")]
    [
        InlineData(
            "FP64", "[0.1,9007199254740993,5e-324,1.7976931348623157e308,NaN]",
            "[0.1,9007199254740992,5E-324,1.7976931348623157E+308,null]")]
    [InlineData("BYTES", "[\"\\u00e9\",\"b\\\"\"]", "[\"é\",\"b\\\"\"]")]
    public async Task InferAsync_JsonInBothDirections_KeepsTheValues(string datatype, string data, string expected)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", OnnxBuilder.Identity(Datatypes.Find(datatype)!.Value.ElementType(), -1));
        int count = JsonSkipCount(data);

        Reply reply = await kit.InferAsync("m", $$"""{"inputs":[{"name":"x","shape":[{{count}}],"datatype":"{{datatype}}","data":{{data}}}]}""");

        Assert.True(reply.Status == 200, reply.Text);
        Assert.Equal(expected, reply.Json.GetProperty("outputs")[0].GetProperty("data").GetRawText());
    }

    /// <summary>The content of a record can be sent again: NaN and the infinities are strings, zero keeps its sign.</summary>
    [Theory]
    [InlineData("FP16")]
    [InlineData("BF16")]
    [InlineData("FP32")]
    [InlineData("FP64")]
    public async Task InferAsync_NonFiniteNumbers_StayDistinctInTheRecord(string datatype)
    {
        const string Data = """["NaN","Infinity","-Infinity",-0.0,0,1.5]""";
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", OnnxBuilder.Identity(Datatypes.Find(datatype)!.Value.ElementType(), -1));

        Reply reply = await kit.InferAsync("m", $$"""{"inputs":[{"name":"x","shape":[6],"datatype":"{{datatype}}","data":{{Data}}}]}""");

        Assert.True(reply.Status == 200, reply.Text);
        Assert.Equal("[null,null,null,-0.0,0,1.5]", reply.Json.GetProperty("outputs")[0].GetProperty("data").GetRawText());
        foreach (Tensor tensor in kit.Log.Single().Inputs.Concat(kit.Log.Single().Outputs))
        {
            using var stream = new MemoryStream();
            await using (var json = new Utf8JsonWriter(stream))
            {
                OipCodec.WriteTensor(json, tensor);
            }

            Assert.Equal(Data, JsonDocument.Parse(stream.ToArray()).RootElement.GetProperty("data").GetRawText());
            TensorSpec spec = new(tensor.Name, tensor.Datatype, [-1]);
            Assert.Equal(
                ["NaN", "Infinity", "-Infinity", "-0.0", "0", "1.5"],
                Enumerable.Range(0, 6).SelectMany(row => RowCells.Of(spec, tensor, row, 6)));
            Assert.Equal([Data], RowCells.Of(spec with { Shape = [-1, -1] }, tensor, 0, 1));
        }
    }

    [Theory]
    [InlineData("""["nan"]""")]
    [InlineData("""["null"]""")]
    [InlineData("""["NaN "]""")]
    [InlineData("""["+Infinity"]""")]
    [InlineData("""["1"]""")]
    public async Task InferAsync_UnknownTextsForNumbers_AreRefused(string data)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", OnnxBuilder.Identity(Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, -1));

        Assert.Equal(400, (await kit.InferAsync("m", $$"""{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":{{data}}}]}""")).Status);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Codec_RandomTensor_RoundTripsInJson(Datatype datatype)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            long[] shape = [.. Enumerable.Range(0, random.Next(4)).Select(_ => (long)random.Next(4))];
            using var memory = new RequestMemory(new MemoryBudget(long.MaxValue));
            Tensor tensor = BinaryTensorReader.Read(
                Bytes(datatype, (int)Tensor.CountOf(shape), seed).AsSpan(), "x", datatype, shape, memory, out string? violation)!;
            Assert.Null(violation);
            using var buffer = new PooledBuffer(16);
            OipResponseWriter.Write(
                buffer, new InferResponse { ModelName = "m", ModelVersion = 1, Outputs = [new OutputTensor(tensor, false)] });

            InferRequest read = OipRequestReader.Read(
                Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(buffer.Span).Replace("\"outputs\"", "\"inputs\"", StringComparison.Ordinal)),
                null, memory);

            Assert.Equal(0, read.Violations.Count);
            Tensor back = read.Inputs.Single();
            Assert.Equal((tensor.Name, tensor.Datatype), (back.Name, back.Datatype));
            Assert.Equal(tensor.Shape, back.Shape);
            Assert.Equal(tensor.Strings, back.Strings);
            Assert.Equal(tensor.Data.ToArray(), back.Data.ToArray());
        }
    }

    [Property(MaxTest = 3000)]
    public bool JsonNumber_AnyDouble_IsReadAsByDotnet(double value)
    {
        // In the forms that clients write, and with more digits than a double has.
        return !double.IsFinite(value) || new[] { "R", "E3", "E8", "E16", "E24", "F4" }.All(format =>
        {
            string text = value.ToString(format, CultureInfo.InvariantCulture);
            return JsonNumber.TryScan(Encoding.ASCII.GetBytes(text), out JsonNumber number)
                && number.Text.Length == text.Length
                && BitConverter.DoubleToInt64Bits(number.ToDouble()) == BitConverter
                    .DoubleToInt64Bits(double.Parse(text, CultureInfo.InvariantCulture))
                && BitConverter.SingleToInt32Bits(number.ToSingle()) == BitConverter
                    .SingleToInt32Bits(float.Parse(text, CultureInfo.InvariantCulture));
        });
    }

    [Fact]
    public void JsonNumber_BetweenTwoFloats_RoundsOnce()
    {
        // Every midpoint between two neighbours, and one digit next to it, where rounding via double would be wrong.
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            float low = BitConverter.Int32BitsToSingle(random.Next(0x7F7FFFFF));
            decimal? middle = low is > 1e-10f and < 1e10f ? ((decimal)(double)low + (decimal)(double)MathF.BitIncrement(low)) / 2 : null;
            foreach (string text in middle is null
                ? [(((double)low + MathF.BitIncrement(low)) / 2).ToString("R", CultureInfo.InvariantCulture)]
                : new[] { middle.Value.ToString(CultureInfo.InvariantCulture), middle.Value.ToString(CultureInfo.InvariantCulture) + (middle.Value.Scale > 0 ? "0000001" : ".0000001") })
            {
                JsonNumber.TryScan(Encoding.ASCII.GetBytes(text), out JsonNumber number);
                Assert.Equal(
                    BitConverter.SingleToInt32Bits(float.Parse(text, CultureInfo.InvariantCulture)),
                    BitConverter.SingleToInt32Bits(number.ToSingle()));
            }
        }
    }

    [Property(MaxTest = 500)]
    public bool Codec_AnyId_RoundTrips(NonNull<string> id)
    {
        // Half a surrogate pair is not valid text: it becomes U+FFFD.
        using var buffer = new PooledBuffer(16);
        JsonText.Write(buffer, id.Get);
        return JsonDocument.Parse(buffer.Memory).RootElement.GetString() == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(id.Get));
    }

    /// <summary>Any bits except non-finite floats, which JSON maps to one value.</summary>
    private static byte[] Bytes(Datatype datatype, int count, int seed)
    {
        var random = new Random(seed);
        using var stream = new MemoryStream();
        byte[] element = new byte[8];
        for (int i = 0; i < count; i++)
        {
            if (datatype == Datatype.Bytes)
            {
                byte[] text = Encoding.UTF8.GetBytes(
                    string.Concat(
                        Enumerable.Range(0, random.Next(8)).Select(
                            _ => "aé😀\"\\\u0001 \n"[..^1].EnumerateRunes().ElementAt(random.Next(6)).ToString())));
                BinaryPrimitives.WriteInt32LittleEndian(element, text.Length);
                stream.Write(element.AsSpan(0, 4));
                stream.Write(text);
                continue;
            }

            do
            {
                random.NextBytes(element);
                element[0] = datatype == Datatype.Bool ? (byte)(element[0] & 1) : element[0];
            }
            while (!IsFinite(datatype, element));

            stream.Write(element.AsSpan(0, datatype.ElementBytes()));
        }

        return stream.ToArray();
    }

    private static bool IsFinite(Datatype datatype, byte[] element) => datatype switch
    {
        Datatype.Fp16 => Half.IsFinite(BinaryPrimitives.ReadHalfLittleEndian(element)),
        Datatype.Bf16 => (BinaryPrimitives.ReadUInt16LittleEndian(element) & 0x7F80) != 0x7F80,
        Datatype.Fp32 => float.IsFinite(BinaryPrimitives.ReadSingleLittleEndian(element)),
        Datatype.Fp64 => double.IsFinite(BinaryPrimitives.ReadDoubleLittleEndian(element)),
        _ => true,
    };

    private static int JsonSkipCount(string data) => data.Count(character => character == ',') + 1;
}
