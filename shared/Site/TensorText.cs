using System.Globalization;
using Modeldrop.Metrics;
using Modeldrop.Tensors;

namespace Modeldrop.Site;

/// <summary>Values of tensors as people read them and forms send them.</summary>
public static class TensorText
{
    /// <summary>The element; a number of 32 bits with the digits that tell it from its neighbours, and no more.</summary>
    public static string Of(Tensor tensor, int element) => tensor.Datatype switch
    {
        Datatype.Fp32 => ((float)TensorValues.Number(tensor, element)).ToString("R", CultureInfo.InvariantCulture),
        _ => TensorValues.Text(tensor, element),
    };

    /// <summary>The first elements, and how many there are more.</summary>
    public static string Of(Tensor tensor, int first, int count)
    {
        int shown = (int)Math.Min(count, tensor.Count - first);
        return string.Join(", ", Enumerable.Range(first, shown).Select(element => Of(tensor, element)));
    }
}
