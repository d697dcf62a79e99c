using System.Runtime.InteropServices;
using Modeldrop.Errors;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Tabular;

public sealed class ColumnMappingTests
{
    [Fact]
    public void Read_ColumnsInAnyOrder_AreFoundByName()
    {
        Table table = Of(
            ("v_1", ["2", "5"]), ("extra", ["?", "?"]), ("n", ["7", "8.0"]), ("v_0", ["1", ""]), ("s", ["x", ""]),
            ("v_2", ["3e0", "-inf"]));
        ColumnMapping mapping = Map(
            table, new("v", Datatype.Fp32, [-1, 3]), new("n", Datatype.Int64, [-1]), new("s", Datatype.Bytes, [-1, 1]));

        MappedRows rows = mapping.Read(0, 2);

        Assert.Equal(0, rows.ViolationCount);
        Assert.Equal(["v_0", "v_1", "v_2", "n", "s"], mapping.Columns);
        Assert.Equal([2L, 3L], rows.Inputs[0].Shape);
        Assert.Equal([1, 2, 3, float.NaN, 5, float.NegativeInfinity], MemoryMarshal.Cast<byte, float>(rows.Inputs[0].Data.Span).ToArray());
        Assert.Equal([2L], rows.Inputs[1].Shape);
        Assert.Equal([7L, 8L], MemoryMarshal.Cast<byte, long>(rows.Inputs[1].Data.Span).ToArray());
        Assert.Equal([2L, 1L], rows.Inputs[2].Shape);
        Assert.Equal(["x", ""], rows.Inputs[2].Strings!);
    }

    [Fact]
    public void Read_Range_GivesOnlyItsRows()
    {
        ColumnMapping mapping = Map(Of(("x", ["1", "2", "3", "4"])), new TensorSpec("x", Datatype.Int32, [-1, 1]));

        Assert.Equal([2, 3], MemoryMarshal.Cast<byte, int>(mapping.Read(1, 2).Inputs[0].Data.Span).ToArray());
    }

    [Fact]
    public void Create_MissingColumns_NamesThemAll()
    {
        Table table = Of(("v_1", ["2"]));

        ServiceException exception = Assert.Throws<ServiceException>(
            () => Map(
                table, new("v", Datatype.Fp32, [-1, 3]), new("n", Datatype.Int64, [-1]), new("fixed", Datatype.Fp32, [4, 2]),
                new("scalar", Datatype.Fp32, [])));

        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
        Assert.Equal(
            [
                "Input 'v': 2 of 3 columns are missing: 'v_0', 'v_2'.",
                "Input 'n': column 'n' is missing.",
                "Input 'fixed FP32 [4,2]' takes exactly 4 rows at a time; rows of a table cannot be mapped to it.",
                "Input 'scalar': column 'scalar' is missing.",
            ],
            exception.Violations);
    }

    [Fact]
    public void Read_Scalar_RowsWithTheSameValueShareARun()
    {
        ColumnMapping mapping = Map(Of(("x", ["1", "2", "3", "4"]), ("t", ["5", "5", "6", "6"])),
            new TensorSpec("x", Datatype.Fp32, [-1]), new TensorSpec("t", Datatype.Fp32, []));

        MappedRows rows = mapping.Read(0, 4);

        Assert.Equal(["t"], rows.VaryingScalars);
        Assert.Equal((2, 1, 2), (rows.Together(0, 4), rows.Together(1, 4), rows.Together(2, 2)));
        IReadOnlyList<Tensor> run = rows.Slice(2, 2);
        Assert.Equal(("[2]", "[]"), ($"[{string.Join(",", run[0].Shape)}]", $"[{string.Join(",", run[1].Shape)}]"));
        Assert.Equal(6f, BitConverter.ToSingle(run[1].Data.Span));
        Assert.Equal(["t"], ColumnMapping.Create(new Signature([new("x", Datatype.Fp32, [-1]), new("t", Datatype.Fp32, [])], []), Of(("x",
            ["1"])), mayLackScalars: true).ScalarsWithoutColumn);
    }

    [Fact]
    public void Create_AnyRank_IsAsWideAsTheTable()
    {
        var spec = new TensorSpec("x", Datatype.Fp32, []) { UnknownRank = true };

        Assert.Equal([1, 3], Map(Of(("x_0", ["1"]), ("x_1", ["2"]), ("x_2", ["3"])), spec).Read(0, 1).Inputs[0].Shape);
        Assert.Equal([1, 1], Map(Of(("x", ["1"])), spec).Read(0, 1).Inputs[0].Shape);
        Assert.Equal([1, 2], Map(Of(("b", ["1"]), ("a", ["2"])), spec with { Columns = ["a", "b"] }).Read(0, 1).Inputs[0].Shape);
    }

    [Fact]
    public void Read_ManyBadCells_CountsAllAndShowsSome()
    {
        ColumnMapping mapping = Map(Of(("x", Enumerable.Repeat("?", 100).ToArray())), new TensorSpec("x", Datatype.Fp32, [-1]));

        MappedRows rows = mapping.Read(0, 100, maxViolations: 3);

        Assert.Equal(100, rows.ViolationCount);
        Assert.Equal(
            [
                "row 1, column 'x': '?' is not a number.", "row 2, column 'x': '?' is not a number.",
                "row 3, column 'x': '?' is not a number."
            ],
            rows.Violations.Select(violation => $"{violation}"));
    }

    [Theory]
    [InlineData(Datatype.Int8, "128", "128 is outside -128 to 127")]
    [InlineData(Datatype.Uint8, "-1", "-1 is outside 0 to 255")]
    [InlineData(Datatype.Int64, "9223372036854775808", "9223372036854775808 is outside -9223372036854775808 to 9223372036854775807")]
    [InlineData(Datatype.Int64, "1.5", "'1.5' is not an integer")]
    [InlineData(Datatype.Int64, "nan", "is missing, but an integer is required")]
    [InlineData(Datatype.Int64, "", "is missing, but an integer is required")]
    [InlineData(Datatype.Bool, "", "is missing, but a boolean is required")]
    [InlineData(Datatype.Bool, "yes", "'yes' is neither true nor false")]
    [InlineData(Datatype.Fp32, "1,5", "'1,5' is not a number")]
    [InlineData(Datatype.Fp64, ".", "'.' is not a number")]
    [InlineData(Datatype.Fp32, "1\0", "'1\0' is not a number")]
    [InlineData(Datatype.Fp64, "1e5\0\0", "'1e5\0\0' is not a number")]
    [InlineData(Datatype.Int32, "1\0", "'1\0' is not an integer")]
    [InlineData(Datatype.Int64, "1.0\0", "'1.0\0' is not an integer")]
    [InlineData(Datatype.Bool, "1\0", "'1\0' is neither true nor false")]
    public void Read_BadCell_IsReported(Datatype datatype, string text, string problem)
    {
        MappedRows rows = Map(Of(("x", [text])), new TensorSpec("x", datatype, [-1])).Read(0, 1);

        Assert.Equal(problem, Assert.Single(rows.Violations).Problem);
    }

    [Theory]
    [InlineData(Datatype.Bool, "True", "01")]
    [InlineData(Datatype.Int8, "-128", "80")]
    [InlineData(Datatype.Uint16, "65535", "FFFF")]
    [InlineData(Datatype.Int64, "9007199254740993", "0100000000002000")]
    [InlineData(Datatype.Uint64, "18446744073709551615", "FFFFFFFFFFFFFFFF")]
    [InlineData(Datatype.Fp16, "1.5", "003E")]
    [InlineData(Datatype.Bf16, "1.00390625", "803F")]
    [InlineData(Datatype.Bf16, "NA", "C0FF")]
    [InlineData(Datatype.Fp32, "0.1", "CDCCCC3D")]
    [InlineData(Datatype.Fp64, "0.1", "9A9999999999B93F")]
    public void Read_Cell_IsLittleEndian(Datatype datatype, string text, string expected)
    {
        MappedRows rows = Map(Of(("x", [text])), new TensorSpec("x", datatype, [-1])).Read(0, 1);

        Assert.Empty(rows.Violations);
        Assert.Equal(expected, Convert.ToHexString(rows.Inputs[0].Data.Span));
    }

    [Fact]
    public void Create_VariableWidth_IsAsWideAsTheTable()
    {
        ColumnMapping mapping = Map(Of(("x_0", ["1"]), ("x_1", ["2"]), ("x_3", ["4"])), new TensorSpec("x", Datatype.Fp32, [-1, -1]));

        Assert.Equal([1L, 2L], mapping.Read(0, 1).Inputs[0].Shape);
    }

    [Fact]
    public void Create_OneRowModels_AreScoredRowByRow()
    {
        ColumnMapping mapping = Map(Of(("x_0", ["1"]), ("x_1", ["2"])), new TensorSpec("x", Datatype.Fp32, [1, 2]));

        Assert.True(mapping.IsSingleRow);
    }

    private static ColumnMapping Map(Table table, params TensorSpec[] inputs) => ColumnMapping.Create(new Signature(inputs, []), table);

    private static Table Of(params (string Name, string[] Values)[] columns) =>
        new(
            [
                .. columns.Select(
                    column => new TableColumn(column.Name, [.. column.Values.Select(value => value.Length == 0 ? null : value)]))],
            columns[0].Values.Length);
}
