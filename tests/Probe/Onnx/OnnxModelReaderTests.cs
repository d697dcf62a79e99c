using Modeldrop.Probe.Onnx;

namespace Modeldrop.Tests.Probe.Onnx;

public sealed class OnnxModelReaderTests
{
    [Fact]
    public void Read_Model_CountsOperatorsAndParameters()
    {
        OnnxFile file = Read(OnnxBytes.AddInitializer(OnnxBytes.Tensor("w", [2], new byte[8])));

        Assert.Equal(2, file.Parameters);
        Assert.Equal(1, file.Operators["ai.onnx:Add"]);
        Assert.Equal(8, file.IrVersion);
        Assert.Equal(13, file.Opsets["ai.onnx"]);
        Assert.Null(file.Classes);
    }

    [Fact]
    public void Read_Empty_IsRefused() => Assert.Equal(["The model file is empty."], Reasons([]));

    [Theory]
    [InlineData("hello, I am a model", "text")]
    [InlineData("<!DOCTYPE html>\n<html>Sign in – naïve</html>\n", "text")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS")]
    public void Read_Text_ErrorSaysThatItIsText(string text, string expected) =>
        Assert.Contains(expected, Assert.Single(Reasons(System.Text.Encoding.UTF8.GetBytes(text))), StringComparison.Ordinal);

    [Fact]
    public void Read_Zeros_ErrorSaysThatItIsAllZeros() =>
        Assert.Contains("zeros", Assert.Single(Reasons(new byte[10_000])), StringComparison.Ordinal);

    [Fact]
    public void Read_Truncated_ErrorSaysThatItIsTruncated()
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(SampleFiles.Model("flights/2"), "model.onnx"));

        string reason = Assert.Single(Reasons(whole[..(whole.Length / 2)]));

        Assert.Contains("truncated", reason, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> Repetitions
    {
        get
        {
            byte[] model = OnnxBytes.OneNode("Identity");
            byte[] tensor = OnnxBytes.Tensor("w", [2], new byte[8]);
            return new()
            {
                { "field 1 of ModelProto", With(model, output => output.Field(1, 8L)) },
                { "field 7 of ModelProto", With(model, output => output.Field(7, OnnxBytes.Message(graph => graph.Field(2, "another")))) },
                { "field 2 of OperatorSetIdProto", With(model, output => output.Field(8, Twice(2, 13))) },
                { "field 2 of StringStringEntryProto", With(model, output => output.Field(14, Twice(2, "value"))) },
                { "field 8 of FunctionProto", With(model, output => output.Field(25, Twice(8, "doc"))) },
                { "field 2 of GraphProto", OnnxBytes.Model(graph => graph.Field(2, "one").Field(2, "two")) },
                { "field 4 of NodeProto",
                    OnnxBytes.Model(graph => graph.Field(1, OnnxBytes.Node("Neg", "", "x", "y", node => node.Field(4, "Abs")))) },
                { "field 1 of AttributeProto", OnnxBytes.Model(
                    graph => graph.Field(1, OnnxBytes.Node("Neg", "", "x", "y", node => node.Field(5, Twice(1, "axis"))))) },
                { "field 2 of TensorProto", OnnxBytes.AddInitializer(With(tensor, output => output.Field(2, 11L))) },
                { "field 9 of TensorProto", OnnxBytes.AddInitializer(With(tensor, output => output.Field(9, new byte[8]))) },
                { "field 14 of TensorProto",
                    OnnxBytes.AddInitializer(With(OnnxBytes.ExternalTensor("w.bin"), output => output.Field(14, 0L))) },
                { "field 2 of ValueInfoProto", OnnxBytes.Model(graph => graph.Field(11, Twice(2, ""))) },
                { "field 4 of TypeProto", OnnxBytes.Model(graph => graph.Field(
                    11, OnnxBytes.Message(info => info.Field(2, OnnxBytes.Message(type => type.Field(1, "").Field(4, "")))))) },
                { "field 2 of TypeProto's value", InputWith(value => value.Field(2, "").Field(2, "")) },
                { "field 2 of Dimension", InputWith(value => value.Field(
                    2, OnnxBytes.Message(shape => shape.Field(1, OnnxBytes.Message(size => size.Field(1, 2L).Field(2, "N")))))) },
            };
        }
    }

    /// <summary>Protobuf takes the last field or merges them. A reader that does otherwise sees a different model.</summary>
    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Repetitions))]
    public void Read_SingularFieldTwice_IsRefused(string field, byte[] model) =>
        Assert.Equal([$"The file is damaged or not an ONNX model: {field} occurs twice."], Reasons(model));

    [Fact]
    public void Read_RepeatedFieldTwice_IsRead() =>
        Assert.Equal("b", Read(With(OnnxBytes.OneNode("Identity"), output => output.Field(14, Entry("k", "a")).Field(14, Entry("l", "b"))))
            .Metadata["l"]);

    private static byte[] With(byte[] message, Action<Google.Protobuf.CodedOutputStream> more) => [.. message, .. OnnxBytes.Message(more)];

    private static byte[] Entry(string key, string value) => OnnxBytes.Message(entry => entry.Field(1, key).Field(2, value));

    private static byte[] Twice(int field, string text) => OnnxBytes.Message(output => output.Field(field, text).Field(field, text));

    private static byte[] Twice(int field, long number) => OnnxBytes.Message(output => output.Field(field, number).Field(field, number));

    private static byte[] InputWith(Action<Google.Protobuf.CodedOutputStream> tensor) => OnnxBytes.Model(graph => graph.Field(11,
        OnnxBytes.Message(info => info.Field(2, OnnxBytes.Message(type => type.Field(1, OnnxBytes.Message(tensor)))))));

    [Fact]
    public void Read_NoGraph_IsRefused() =>
        Assert.Contains("no graph", Assert.Single(Reasons(OnnxBytes.Message(model => model.Field(1, 8L)))), StringComparison.Ordinal);

    [Fact]
    public void Read_NewerFormatAndOpset_NamesBoth()
    {
        IReadOnlyList<string> reasons = Reasons(OnnxBytes.OneNode("Identity", "", 99, 2, ("", 99), ("ai.onnx.ml", 99)));

        Assert.Equal(3, reasons.Count);
        Assert.Contains(reasons, reason => reason.Contains("version 99 of the ONNX format", StringComparison.Ordinal));
        Assert.Contains(reasons, reason => reason.Contains("operator set 99 of 'ai.onnx'", StringComparison.Ordinal));
        Assert.Contains(reasons, reason => reason.Contains("operator set 99 of 'ai.onnx.ml'", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_CustomDomain_IsRefusedAsNeedingALibrary() => Assert.Equal(
        ["Operator 'com.example:Frob' needs a custom operator library, which Modeldrop does not load."],
        Reasons(OnnxBytes.OneNode("Frob", "com.example", 8, 2, ("", 13), ("com.example", 1))));

    [Fact]
    public void Read_FunctionOfTheModel_IsNotACustomOperator()
    {
        byte[] model = OnnxBytes.OneNode("Twice", "com.example", 8, 2, ("", 13), ("com.example", 1));
        byte[] function = OnnxBytes.Message(output => output.Field(25, OnnxBytes.Message(definition =>
        {
            definition.Field(1, "Twice");
            definition.Field(10, "com.example");
            definition.Field(7, OnnxBytes.Node("Neg", "", "x", "y"));
        })));

        OnnxFile file = Read([.. model, .. function]);

        Assert.Equal(1, file.Operators["ai.onnx:Neg"]);
    }

    [Fact]
    public void Read_CustomOperatorInNestedGraph_IsFound()
    {
        byte[] branch = OnnxBytes.Message(graph => graph.Field(1, OnnxBytes.Node("Frob", "evil", "x", "y")));
        byte[] model = OnnxBytes
            .Model(graph => graph.Field(1, OnnxBytes.Node("If", "", "x", "y", node => node.Field(5, OnnxBytes.Message(attribute =>
        {
            attribute.Field(1, "then_branch");
            attribute.Field(6, branch);
        })))));

        Assert.Contains("'evil:Frob'", Assert.Single(Reasons(model)), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DeepNesting_IsRefused()
    {
        byte[] graph = OnnxBytes.Message(output => output.Field(2, "leaf"));
        for (int depth = 0; depth < 2_000; depth++)
        {
            byte[] inner = graph;
            graph = OnnxBytes.Message(
                output => output.Field(
                    1,
                    OnnxBytes.Node("If", "", "x", "y", node => node.Field(5, OnnxBytes.Message(attribute => attribute.Field(6, inner))))));
        }

        byte[] model = OnnxBytes.Message(output =>
        {
            output.Field(1, 8L);
            output.Field(7, graph);
        });

        Assert.Contains("nested", Assert.Single(Reasons(model)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { 1_000_000_000L, 1_000_000_000L })]
    [InlineData(new[] { 1_000_000L, 3L })]
    [InlineData(new[] { -1L, 2L })]
    [InlineData(new[] { long.MaxValue, long.MaxValue, long.MaxValue })]
    public void Read_InitializerThatDeclaresMoreThanItHolds_IsRefused(long[] dimensions) =>
        Assert.Contains(
            "'w' declares", Assert.Single(Reasons(OnnxBytes.AddInitializer(OnnxBytes.Tensor("w", dimensions, new byte[8])))),
            StringComparison.Ordinal);

    [Fact]
    public void Read_InitializerWithoutData_IsRefused() =>
        Assert.Contains(
            "declares 2 elements but holds 0 bytes", Assert.Single(Reasons(OnnxBytes.AddInitializer(OnnxBytes.Tensor("w", [2])))),
            StringComparison.Ordinal);

    [Fact]
    public void Read_HugeInput_IsRefused() =>
        Assert.Contains(
            "Input 'x' declares 1,000,000,000,000 elements",
            Assert.Single(Reasons(OnnxBytes.OneNode("Identity", width: 1_000_000_000_000))), StringComparison.Ordinal);

    /// <summary>For any bytes, the reader describes or refuses the model and never throws another exception.</summary>
    [Theory]
    [InlineData("penguins/1")]
    [InlineData("digits/1")]
    public void Read_Mutations_DescribesOrRefuses(string model)
    {
        using var folder = new TemporaryFolder();
        byte[] original = File.ReadAllBytes(Path.Combine(SampleFiles.Model(model), "model.onnx"));
        var random = new Random(20_260_101);
        int refused = 0;
        for (int round = 0; round < 500; round++)
        {
            byte[] mutated = Mutate(original, random);
            try
            {
                OnnxModelReader.Read(folder.Write("model.onnx", mutated));
            }
            catch (OnnxRejectedException exception)
            {
                Assert.NotEmpty(exception.Reasons);
                refused++;
            }
        }

        Assert.InRange(refused, 50, 500);
    }

    internal static byte[] Mutate(byte[] original, Random random)
    {
        byte[] mutated = [.. original];
        for (int change = random.Next(1, 20); change > 0; change--)
        {
            // Most of the structure is at the beginning.
            int at = random.Next(random.Next(2) == 0 ? Math.Min(2_000, mutated.Length) : mutated.Length);
            mutated[at] = (byte)random.Next(256);
        }

        return random.Next(4) == 0 ? mutated[..random.Next(mutated.Length)] : mutated;
    }

    private static OnnxFile Read(byte[] model)
    {
        using var folder = new TemporaryFolder();
        return OnnxModelReader.Read(folder.Write("model.onnx", model));
    }

    internal static IReadOnlyList<string> Reasons(byte[] model, TemporaryFolder? folder = null)
    {
        using var own = new TemporaryFolder();
        string path = (folder ?? own).Write("model.onnx", model);
        return Assert.Throws<OnnxRejectedException>(() => OnnxModelReader.Read(path)).Reasons;
    }
}
