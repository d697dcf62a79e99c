using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>The rows of one tensor, in parts of equal row shape, in the order of the rows.</summary>
internal sealed class RowParts
{
    private readonly List<Tensor> _parts;
    private Tensor? _whole;

    private RowParts(List<Tensor> parts) => _parts = parts;

    public string Name => _parts[0].Name;

    public long[] Shape => Whole().Shape;

    /// <summary>Whether rows have different widths.</summary>
    public bool Vary => _parts.Exists(part => Feature.WidthOf(part.Shape) != Feature.WidthOf(_parts[0].Shape));

    /// <summary>The number of rows.</summary>
    public long Count => _parts.Sum(part => part.Shape is [var rows, ..] ? rows : 1);

    /// <summary>Groups tensors by name, in the order in which the names first appear.</summary>
    public static IEnumerable<RowParts> Of(IEnumerable<Tensor> tensors) =>
        tensors.GroupBy(tensor => tensor.Name, StringComparer.Ordinal).Select(parts => new RowParts([.. parts]));

    /// <summary>All rows in one tensor; of rows with different shapes, those with the first row's shape.</summary>
    public Tensor Whole() => _whole ??= _parts.Count == 1 ? _parts[0] : Together(_parts);

    /// <summary>The values of a feature of varying width, in a tensor with one column.</summary>
    public Tensor ValuesOf(Feature feature) => Together(_parts.Select(part => VaryingRows.ValuesOf(part, feature)));

    private static Tensor Together(IEnumerable<Tensor> parts)
    {
        GrowingTensor? all = null;
        foreach (Tensor part in parts)
        {
            all ??= new GrowingTensor(part.Name, part.Datatype);
            all.Add(part);
        }

        return all!.ToTensor();
    }
}
