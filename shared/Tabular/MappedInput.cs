using Modeldrop.Tensors;

namespace Modeldrop.Tabular;

/// <summary>An input of a model and the columns that feed it.</summary>
/// <param name="Row">The shape of one row.</param>
/// <param name="Columns">One for each element of a row; or one with arrays, for all elements.</param>
internal sealed record MappedInput(TensorSpec Spec, long[] Row, IReadOnlyList<TableColumn> Columns)
{
    private readonly bool _isArray = Columns is [{ Row: not null }];

    /// <summary>Elements of a row.</summary>
    public int Width { get; } = Columns is [{ Row: not null }] ? (int)Tensor.CountOf(Row) : Columns.Count;

    /// <summary>Where an element of a row is.</summary>
    public (TableColumn Source, int Index) At(int row, int element) =>
        _isArray ? (Columns[0], (row * Width) + element) : (Columns[element], row);

    /// <summary>The element's name for a person.</summary>
    public string NameAt(int element) => _isArray ? Spec.ColumnName(element) : Columns[element].Name;
}
