using System.Text.Json;
using Modeldrop.Errors;
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
    [InlineData("flights~promote~1", "flights", OperationKind.Promote)]
    [InlineData("flights~rollback~1", "flights", OperationKind.RollBack)]
    [InlineData("flights~batch~1", "flights", OperationKind.Batch)]
    [InlineData("flights~shadow~1", "flights", OperationKind.Shadow)]
    [InlineData("flights~push~1", "flights", OperationKind.Push)]
    public void Find_Id_GivesModelAndKindAndTheSameText(string text, string model, OperationKind kind)
    {
        OperationId id = OperationId.Find(text)!.Value;

        Assert.Equal((model, kind, text), (id.Model.Value, id.Kind, id.ToString()));
        Assert.Equal($"\"{text}\"", JsonSerializer.Serialize(id));
        Assert.Equal(id, JsonSerializer.Deserialize<OperationId?>($"\"{text}\""));
    }

    [Fact]
    public void Deserialize_OtherText_Fails() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<OperationId>("\"flights~juggle~1\""));

    [Theory]
    [InlineData("")]
    [InlineData("flights")]
    [InlineData("flights~juggle~1")]
    [InlineData("flights~register~1~promote")]
    [InlineData("flights~Register~1")]
    [InlineData("flights~0~1")]
    [InlineData("flights~register~")]
    [InlineData("flights~register~1/2")]
    [InlineData("flights~register~1\n")]
    [InlineData("flights~register~0123456789abcdef0123456789ab")]
    [InlineData("no name~register~1")]
    public void Find_OtherText_IsNull(string text)
    {
        Assert.Null(OperationId.Find(text));
        Assert.Equal(ErrorCode.OperationNotFound, Assert.Throws<ServiceException>(() => OperationId.Parse(text)).Code);
    }
}
