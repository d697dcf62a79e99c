using System.Globalization;
using Modeldrop.Metrics;
using Modeldrop.Tensors;

namespace Modeldrop.Site;

/// <summary>Formats tensor values for people and forms.</summary>
public static class TensorText
{
    /// <summary>Formats an element. A number of 32 bits gets just the digits that distinguish it from its neighbours.</summary>
    public static string Of(Tensor tensor, int element) => tensor.Datatype switch
    {
        Datatype.Fp32 => ((float)TensorValues.Number(tensor, element)).ToString("R", CultureInfo.InvariantCulture),
        _ => TensorValues.Text(tensor, element),
    };

    /// <summary>Formats the first elements and the number of the others.</summary>
    public static string Of(Tensor tensor, int first, int count)
    {
        int shown = (int)Math.Min(count, tensor.Count - first);
        return string.Join(", ", Enumerable.Range(first, shown).Select(element => Of(tensor, element)));
    }
}
