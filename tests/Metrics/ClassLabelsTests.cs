using Modeldrop.Metrics;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Metrics;

/// <summary>The class of a label, by the type of the model's answer.</summary>
public sealed class ClassLabelsTests
{
    [Theory]
    [InlineData("1", "1.0")]
    [InlineData("1", "+1")]
    [InlineData("100", "1E2")]
    [InlineData("1", "True")]
    [InlineData("0", "false")]
    [InlineData("9007199254740993", "9007199254740993.0")]
    public void Read_TwoFormsOfANumber_AreOneWholeNumberClassAndTwoTextClasses(string one, string other)
    {
        ClassLabels numbers = ClassLabels.Of(null, null, Datatype.Int64, 0);
        ClassLabels texts = ClassLabels.Of(null, null, Datatype.Bytes, 0);

        Assert.Equal(numbers.Read(one).Key, numbers.Read(other).Key);
        Assert.NotEqual(texts.Read(one).Key, texts.Read(other).Key);
    }

    [Fact]
    public void Of_GraphWithoutNames_CountsTheProbabilities()
    {
        ClassLabels classes = ClassLabels.Of(null, null, Datatype.Int64, 3);

        Assert.Equal(["0", "1", "2"], classes.Names!);
        Assert.Equal(new ReadLabel(LabelState.Class, "2", 2), classes.Read("2.0"));
        Assert.Equal(LabelState.NoClass, classes.Read("3").State);
        Assert.Equal(LabelState.Unreadable, classes.Read("setosa").State);
        Assert.Equal(LabelState.Unreadable, classes.Read("1.5").State);
        Assert.Contains("prediction.classes", classes.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_StatedClasses_TakePrecedenceOverTheGraph()
    {
        ClassLabels classes = ClassLabels.Of(["b", "a"], ["x", "y"], Datatype.Bytes, 2);

        Assert.Equal(0, classes.Find("b"));
        Assert.Null(classes.Find("x"));
        Assert.Null(ClassLabels.Of(["a"], null, null, 2).Names);
    }

    [Fact]
    public void Of_TextsThatLookLikeNumbers_AreTexts()
    {
        ClassLabels classes = ClassLabels.Of(["01", "1"], null, null, 2);

        Assert.Equal((0, 1, (int?)null), (classes.Find("01"), classes.Find("1"), classes.Find("1.0")));
    }

    /// <summary>A network with an ArgMax returns the index of a class whose name only the manifest has.</summary>
    [Fact]
    public void KeyOfAnswer_WholeNumberWithNamedClasses_IsTheIndexOfTheClass()
    {
        ClassLabels classes = ClassLabels.Of(["setosa", "virginica"], null, Datatype.Int64, 2);
        Tensor answers = Tensor.OfBytes("label", Datatype.Int64, [2], (byte[])[.. BitConverter.GetBytes(1L), .. BitConverter.GetBytes(7L)]);

        Assert.Equal("virginica", classes.KeyOfAnswer(answers, 0));
        Assert.Equal(1, classes.Find(classes.KeyOfAnswer(answers, 0)));
        Assert.Null(classes.Find(classes.KeyOfAnswer(answers, 1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(null)]
    [InlineData("nan")]
    [InlineData("NaN")]
    [InlineData("None")]
    [InlineData("null")]
    [InlineData("NA")]
    [InlineData("<NA>")]
    public void Read_Missing_HasNoLabel(string? text)
    {
        Assert.True(LabelText.IsMissing(text));
        Assert.Equal(LabelState.Missing, ClassLabels.Of(null, null, Datatype.Bytes, 0).Read(text).State);
        Assert.Equal(LabelState.Missing, ClassLabels.Of(null, null, Datatype.Int64, 2).Read(text).State);
    }

    [Fact]
    public void Read_AClassCalledNA_IsThatClass()
    {
        Assert.Equal(LabelState.Class, ClassLabels.Of(null, ["NA", "EU"], Datatype.Bytes, 2).Read("NA").State);
        Assert.Equal(LabelState.Missing, ClassLabels.Of(null, ["NA", "EU"], Datatype.Bytes, 2).Read("null").State);
    }

    [Fact]
    public void Split_RowsOfSeveralLabels_AcceptsEveryForm()
    {
        Assert.Equal(["1", null, "0"], LabelText.Split("[1,,0]"));
        Assert.Equal(["1", null, "0"], LabelText.Split("1, NA, 0"));
        Assert.Equal(["1", "0"], LabelText.Split("1 0"));
        Assert.Equal("[1,,0]", LabelText.Join(["1", "nan", "0"]));
    }
}
