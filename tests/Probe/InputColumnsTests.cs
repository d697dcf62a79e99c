using Modeldrop.Manifests;
using Modeldrop.Probe;
using Modeldrop.Probe.Child;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Probe;

public sealed class InputColumnsTests
{
    private static readonly TensorSpec Wide = new("X", Datatype.Fp32, [-1, 2]);

    [Theory]
    [InlineData("a b", "a b")]
    [InlineData("b a", "b a")]
    [InlineData("a name=x b", "a b")]
    [InlineData("a y b", "a b")]
    [InlineData("a y", "a y")]
    [InlineData("Unnamed:_0 a b", "a b")]
    [InlineData("a b late", null)]
    [InlineData("a", null)]
    [InlineData("X_0 X_1 a b", null)]
    public void Find_AsManyNumericColumnsAsTheInput_AreItsColumnsInOrder(string header, string? expected) =>
        Assert.Equal(expected?.Split(' '), InputColumns.Find(new Signature([Wide], []), Of(header), new LabelChoice()).Inputs[0].Columns);

    [Fact]
    public void Find_ColumnsThatAreAlreadyUsed_AreNotTaken()
    {
        var signature = new Signature([Wide, new TensorSpec("city", Datatype.Fp32, [-1, 1]), new TensorSpec("w", Datatype.Fp32, [-1,
            3]) { Optional = true }], []);

        Assert.Equal(["a", "b"], InputColumns.Find(signature, Of("city a late b"), new LabelChoice(["late"])).Inputs[0].Columns);
        Assert.Null(InputColumns.Find(signature with { Inputs = [Wide, Wide with { Name = "Z" }] }, Of("a b"),
            new LabelChoice()).Inputs[0].Columns);
        Assert.Equal(["s", "t"], InputColumns.Find(
            new Signature([Wide with { Datatype = Datatype.Bytes }], []), Of("s=x t=y"), new LabelChoice()).Inputs[0].Columns);
    }

    [Fact]
    public void FindLabel_IndexOfAFrameOrAList_IsNotALabel()
    {
        var table = new Table(
            [new("Unnamed: 0", ["0"]), new("x", ["1"]), new("late", ["1"]), new("tags", []) { Problem = "is a list", IsRead = false }], 1);

        Assert.Equal(["late"], LabelColumn.Find(new LabelChoice(), table, ["x"]).Columns);
        Assert.Equal(["tags"], LabelColumn.Find(new LabelChoice(["tags"]), table, ["x"]).Columns);
    }

    [Fact]
    public void Problems_SeveralErrorsInTheManifest_ReportsAll()
    {
        var inputs = new Dictionary<string, ManifestInput>
        {
            ["X"] = new(["a", "b", "c"]), ["Z"] = new(), ["city"] = new(["late"]),
        };
        var signature = new Signature([Wide with { Columns = ["a", "b", "c"] }, new("city", Datatype.Fp32, [-1]) { Columns = ["late"] },
            new("late", Datatype.Fp32, [-1])], []);

        Assert.Equal(
            [
                "model.json: 'inputs.X.columns' has 3 names, but a row of 'X FP32 [-1,2]' has 2 elements.",
                "model.json: 'inputs.Z' is not an input of the model; its inputs are 'X', 'city', 'late'.",
                "model.json: the column 'late' feeds two inputs; a column feeds one.",
            ],
            InputColumns.Problems(signature, inputs));
    }

    /// <summary>Columns with <c>=</c> in the name have texts; the others have numbers and gaps.</summary>
    private static Table Of(string header) => new(
        [.. header.Split(' ').Select(name => new TableColumn(name.Split('=')[0].Replace('_', name.StartsWith("Unnamed",
            StringComparison.Ordinal) ? ' ' : '_'),
            name.Contains('=', StringComparison.Ordinal) ? [name, name, name] : ["1.5", null, "True"]))], 3);
}
