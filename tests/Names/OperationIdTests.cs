using Modeldrop.Names;

namespace Modeldrop.Tests.Names;

public sealed class OperationIdTests
{
    private static readonly ModelName Longest = ModelName.Parse(new string('m', 63));

    [Fact]
    public void ForDrop_SameBlobVersion_GivesTheSameId()
    {
        string first = OperationId.ForDrop(ModelName.Parse("flights"), "flights/1/model.onnx", "\"0x1\"").ToString();

        Assert.Equal(first, OperationId.ForDrop(ModelName.Parse("flights"), "flights/1/model.onnx", "\"0x1\"").ToString());
        Assert.NotEqual(first, OperationId.ForDrop(ModelName.Parse("flights"), "flights/1/model.onnx", "\"0x2\"").ToString());
        Assert.NotEqual(first, OperationId.ForDrop(ModelName.Parse("flights"), "flights/2/model.onnx", "\"0x1\"").ToString());
        Assert.StartsWith(OperationId.PrefixOf(ModelName.Parse("flights")), first, StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_LongestModelName_FitsADurableInstanceId()
    {
        string id = OperationId.ForDrop(Longest, $"{Longest}/model.onnx", "\"0x1\"").ToString();

        Assert.InRange(id.Length, 1, 100);
        Assert.DoesNotContain(id, character => character is '/' or '\\' or '#' or '?' || !char.IsAscii(character));
    }

    [Theory]
    [InlineData("flights~register~0123456789abcdef", "flights", OperationKind.Register)]
    [InlineData("$drop~register~0123456789abcdef", "$drop", OperationKind.Register)]
    public void Find_Id_GivesModelAndKind(string text, string model, OperationKind kind)
    {
        OperationId? id = OperationId.Find(text);

        Assert.Equal((model, kind), (id?.Model.Value, id?.Kind));
    }

    [Theory]
    [InlineData("")]
    [InlineData("flights")]
    [InlineData("flights~juggle~1")]
    [InlineData("flights~register~1~promote")]
    public void Find_OtherText_IsNull(string text) => Assert.Null(OperationId.Find(text));
}
