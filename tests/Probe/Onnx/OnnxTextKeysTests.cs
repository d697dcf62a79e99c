using Modeldrop.Probe.Onnx;

namespace Modeldrop.Tests.Probe.Onnx;

public sealed class OnnxTextKeysTests
{
    private const long Strings = 8;

    [Fact]
    public void Read_LabelEncoder_GivesItsKeys()
    {
        TextKeys keys = OnnxModelReader.Read(Path.Combine(RepositoryFiles.Root, "tests", "Cases", "colour.onnx")).TextKeys["s"];

        Assert.All((string[])["True", "False", "NA", "1.0"], text => Assert.True(keys.Know(text)));
        Assert.All((string[])["true", "", "1"], text => Assert.False(keys.Know(text)));
    }

    [Fact]
    public void Read_SampleWithOneHotEncoders_GivesTheCategoriesOfEachInput()
    {
        IReadOnlyDictionary<string, TextKeys> keys = OnnxModelReader.Read(
            Path.Combine(SampleFiles.Model("penguins/1"), "model.onnx")).TextKeys;

        Assert.True(keys["island"].Know("Torgersen"));
        Assert.True(keys["sex"].Know("MALE"));
        Assert.False(keys["sex"].Know("Torgersen"));
        Assert.False(keys.ContainsKey("beak_length_mm"));
    }

    [Fact]
    public void Read_KeysInATensorAfterANormalizer_CompareInItsCase()
    {
        byte[] keysTensor = OnnxBytes.Message(tensor => tensor.Field(1, 2L).Field(2, Strings).Field(6, "red").Field(6, "blue"));
        TextKeys keys = Read(
            OnnxBytes.Node("Reshape", "", "s", "a"),
            OnnxBytes.Node("StringNormalizer", "", "a", "b", node => node.Field(5, Attribute("case_change_action", 4, "LOWER"))),
            OnnxBytes.Node("LabelEncoder", "ai.onnx.ml", "b", "y", node => node.Field(5, OnnxBytes.Message(attribute =>
            {
                attribute.Field(1, "keys_tensor");
                attribute.Field(5, keysTensor);
            }))))["s"];

        Assert.True(keys.Know("Red") && keys.Know("blue"));
        Assert.False(keys.Know("green"));
    }

    [Fact]
    public void Read_TextsOfAnotherOperator_AreNotKeysOfTheInput() => Assert.DoesNotContain("s", Read(
        OnnxBytes.Node("StringConcat", "", "s", "a"),
        OnnxBytes.Node("LabelEncoder", "ai.onnx.ml", "a", "y", node => node.Field(5, Attribute("keys_strings", 9, "red")))).Keys);

    private static IReadOnlyDictionary<string, TextKeys> Read(params byte[][] nodes)
    {
        using var folder = new TemporaryFolder();
        byte[] model = OnnxBytes.Model(graph =>
        {
            foreach (byte[] node in nodes)
            {
                graph.Field(1, node);
            }
        }, opsets: [("", 20), ("ai.onnx.ml", 4)]);
        return OnnxModelReader.Read(folder.Write("model.onnx", model)).TextKeys;
    }

    private static byte[] Attribute(string name, int field, string value) => OnnxBytes.Message(attribute =>
    {
        attribute.Field(1, name);
        attribute.Field(field, value);
    });
}
