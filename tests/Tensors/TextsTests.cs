using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FsCheck;
using FsCheck.Xunit;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Errors;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Speed;
using Modeldrop.Tensors;
using Modeldrop.Tests.Scoring;
using Modeldrop.Wire;
using Modeldrop.Wire.OpenInference;
using ErrorCode = Modeldrop.Errors.ErrorCode;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Tests.Tensors;

/// <summary>Texts as UTF-8. The expected bytes are those of .NET's encoder, which replaces unpaired surrogates.</summary>
public sealed class TextsTests
{
    private static readonly string[] Some = ["", "abc", "é", "a\0b", "\0", "😀\U0010FFFF", "", "\ud83d", "x\udc00y", "\uFFFD\"\\"];

    /// <summary>With as few escapes and as many blanks as possible.</summary>
    private static readonly JsonSerializerOptions Relaxed =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    [Fact]
    public void GetEnumerator_Strings_ReturnsTheirUtf8()
    {
        var texts = new Texts(Some);

        Assert.Equal(Some.Select(Encoding.UTF8.GetBytes), Utf8(texts));
        Assert.Equal(Some.SelectMany(Encoding.UTF8.GetBytes), texts.Utf8.ToArray());
        Assert.Equal(Some.Sum(text => 4 + Encoding.UTF8.GetByteCount(text)), texts.Bytes);
        Assert.Same(Some, texts.Strings);
        Assert.Empty(Utf8(new Texts([])));
        Assert.Equal(0, new Texts([]).Bytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Slice_EveryPart_HasItsElements(bool isUtf8)
    {
        string[] valid = [.. Some.Where(text => !text.Any(char.IsSurrogate) || text.Length > 2 && text[0] == '\ud83d')];
        var texts = new Texts(valid);
        texts = isUtf8 ? new Texts(texts.Block, valid.Length) : texts;

        for (int start = 0; start <= valid.Length; start++)
        {
            for (int count = 0; start + count <= valid.Length; count++)
            {
                Texts part = texts.Slice(start, count);
                Assert.Equal(valid[start..(start + count)].Select(Encoding.UTF8.GetBytes), Utf8(part));
                Assert.Equal(valid[start..(start + count)].SelectMany(Encoding.UTF8.GetBytes), part.Utf8.ToArray());
                Assert.Equal(valid[start..(start + count)], part.Strings);
                Texts rest = texts.Slice(start, valid.Length - start);
                Assert.Equal(valid[(start + count)..], rest.Slice(count, rest.Count - count).Strings);
            }
        }
    }

    /// <summary>The model gets the same bits as from ONNX Runtime's own conversion of strings.</summary>
    [Fact]
    public void Fill_AnyTexts_GivesTheBitsOfStrings()
    {
        long[] shape = [Some.Length];
        using OrtValue expected = TensorBinding.Allocate(Datatype.Bytes, shape);
        for (int index = 0; index < Some.Length; index++)
        {
            expected.StringTensorSetElementAt(Some[index].AsSpan(), index);
        }

        using OrtValue value = TensorBinding.Copy(Tensor.OfStrings("x", shape, Some));

        Assert.All(Enumerable.Range(0, Some.Length), index => Assert.Equal(
            expected.GetStringElementAsSpan(index).ToArray(), value.GetStringElementAsSpan(index).ToArray()));
        // An element that is filled again, as in a slot, is shortened.
        TensorBinding.Fill(value, Tensor.OfStrings("x", shape, [.. Some.Reverse()]));
        Assert.All(Enumerable.Range(0, Some.Length), index => Assert.Equal(
            expected.GetStringElementAsSpan(Some.Length - 1 - index).ToArray(), value.GetStringElementAsSpan(index).ToArray()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_AnOutputThatIsNotUtf8_IsDecodedWithReplacements(bool isNative)
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "model.onnx");
        byte[][] some = [[0x61, 0xFF], [], [0xE2, 0x82], [0xED, 0xA0, 0x80], "é"u8.ToArray(), [0xC0]];
        byte[][] bytes = [.. Enumerable.Repeat(some, 10_000).SelectMany(texts => texts)];
        File.WriteAllBytes(path, OnnxBuilder.ConstantTexts(bytes));
        using ModelSession session = ModelSession.Load(path);
        using var memory = new RequestMemory(new MemoryBudget(1 << 30));

        Tensor read = session.Run(
            [Tensor.OfBytes("x", Datatype.Fp32, [1], new byte[4])], new RunCall(default, Memory: isNative ? memory : null))[0];

        Assert.Equal(bytes.Select(Encoding.UTF8.GetString), read.Strings);
        Assert.Equal(bytes.SelectMany(text => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text))), read.Texts!.Utf8.ToArray());
    }

    /// <summary>Written over the body while it is read: no element may be damaged before it is read.</summary>
    [Property(MaxTest = 500)]
    public bool Read_AnyTextsAsJson_AreEqual(NonNull<string>[] any, bool isRelaxed, PositiveInt width)
    {
        string[] texts = [.. any.Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get)))];
        int columns = 1 + (width.Get % 4);
        texts = texts[..(texts.Length / columns * columns)];
        string data = JsonSerializer.Serialize(texts.Chunk(columns), isRelaxed ? Relaxed : JsonSerializerOptions.Default);
        using var memory = new RequestMemory(new MemoryBudget(1 << 30));
        foreach (bool isLate in (bool[])[false, true])
        {
            string shape = $"\"name\":\"x\",\"datatype\":\"BYTES\",\"shape\":[{texts.Length / columns},{columns}]";
            string input = isLate ? $"\"data\":{data},{shape}" : $"{shape},\"data\":{data}";
            byte[] body = Encoding.UTF8.GetBytes("{\"inputs\":[{" + input + "}],\"id\":\"" + input.Length + "\"}");
            InferRequest read = OipRequestReader.Read(body, null, memory);
            if (read.Violations.Count > 0 || !texts.SequenceEqual(read.Inputs.Single().Strings!) || read.Id != $"{input.Length}")
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The violation quotes an element that is not damaged.</summary>
    [Theory]
    [InlineData("""["a","\ud83d-and-more-text"]""", "element 1 (\"\\ud83d-and-more-text\") is not a valid BYTES")]
    [InlineData("""["\n\n\n\udc00xyz"]""", "element 0 (\"\\n\\n\\n\\udc00xyz\") is not a valid BYTES")]
    [InlineData("""["\q"]""", "element 0 (\"\\q\") is not a valid BYTES")]
    [InlineData("""["a","b","c"]""", "shape [2] has 2 elements, the data 3")]
    [InlineData("""["a"]""", "shape [2] has 2 elements, the data 1")]
    [InlineData("""["a",17,null]""", "element 1 (17) is not a valid BYTES")]
    public void Read_WrongTexts_QuotesThem(string data, string violation)
    {
        using var memory = new RequestMemory(new MemoryBudget(1 << 30));

        InferRequest read = OipRequestReader.Read(
            Encoding.UTF8.GetBytes($$"""{"inputs":[{"name":"x","datatype":"BYTES","shape":[2],"data":{{data}}}]}"""), null, memory);

        Assert.Equal($"input 'x': {violation}.", read.Violations.ToException(ErrorCode.InvalidTensor).Message);
    }

    /// <summary>A body that fits the budget can have more elements than fit.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_TextsBeyondTheBudget_AreRefusedBeforeTheyExist(bool isJson)
    {
        const int Count = 500_000;
        string size = isJson ? "" : $",\"parameters\":{{\"binary_data_size\":{4 * Count}}}";
        string data = isJson ? $",\"data\":[{string.Join(',', Enumerable.Repeat("\"\"", Count))}]" : "";
        string json = $"{{\"inputs\":[{{\"name\":\"x\",\"datatype\":\"BYTES\",\"shape\":[{Count}]{size}{data}}}]}}";
        byte[] body = [.. Encoding.UTF8.GetBytes(json), .. new byte[isJson ? 0 : 4 * Count]];
        var budget = new MemoryBudget(1_900_000);
        using (var memory = new RequestMemory(budget))
        {
            memory.Assume(1_500_000);
            long before = GC.GetAllocatedBytesForCurrentThread();

            ServiceException refused = Assert.Throws<ServiceException>(() => OipRequestReader.Read(body, json.Length, memory));

            Assert.Equal(ErrorCode.MemoryExhausted, refused.Code);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        }

        Assert.Equal((0, 0), (budget.Held, budget.Released));
    }

    private static List<byte[]> Utf8(Texts texts)
    {
        List<byte[]> elements = [];
        foreach (ReadOnlySpan<byte> text in texts)
        {
            elements.Add(text.ToArray());
        }

        return elements;
    }
}
