using System.Numerics;
using System.Runtime.InteropServices;
using Modeldrop.Errors;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tensors;

namespace Modeldrop.Probe.Child;

/// <summary>The rows used to examine a model's behaviour.</summary>
/// <remarks>
/// Rows of the data file, and mixtures of two of them. Files often contain round numbers, whose sums are exact in any order; a difference
/// between two orders of addition only shows in numbers that use all their digits. A mixture lies between its two rows, so no input leaves
/// its range.
/// </remarks>
internal static class BehaviourRows
{
    /// <summary>Alternates rows of the file and mixed rows. If the model rejects a mixed row, a row of the file replaces it.</summary>
    public static IReadOnlyList<Tensor> Of(ModelSession session, IReadOnlyList<Tensor> inputs, int rows, int count)
    {
        var random = new Random(1);
        GrowingTensor[] all = [.. inputs.Select(input => new GrowingTensor(input.Name, input.Datatype))];
        for (int row = 0; row < count; row++)
        {
            IReadOnlyList<Tensor> one = TensorRows.Slice(inputs, row / 2 % rows, 1);
            if (row % 2 == 1)
            {
                IReadOnlyList<Tensor> mixed = Mix(one, TensorRows.Slice(inputs, random.Next(rows), 1), random.NextDouble());
                one = IsTaken(session, mixed) ? mixed : one;
            }

            for (int input = 0; input < all.Length; input++)
            {
                all[input].Add(one[input]);
            }
        }

        return [.. all.Select(input => input.ToTensor())];
    }

    /// <summary>
    /// Rows for a model without data: floats between -1 and 1, integers 0 and 1, empty texts. Variable dimensions except the first are 1.
    /// </summary>
    public static IReadOnlyList<Tensor> Made(Signature signature, int rows)
    {
        var random = new Random(1);
        return [.. signature.Inputs.Where(input => !input.Optional).Select(input =>
        {
            long[] shape = [.. input.Shape.Select((dimension, index) => dimension >= 0 ? dimension : index == 0 ? rows : 1)];
            int count = (int)Tensor.CountOf(shape);
            return input.Datatype switch
            {
                Datatype.Bytes => Tensor.OfStrings(input.Name, shape, [.. Enumerable.Repeat("", count)]),
                Datatype.Fp32 => Numbers(input, shape, Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)),
                Datatype.Fp64 => Numbers(input, shape, Enumerable.Range(0, count).Select(_ => (random.NextDouble() * 2) - 1)),
                Datatype.Fp16 => Numbers(input, shape, Enumerable.Range(0, count).Select(_ => (Half)((random.NextSingle() * 2) - 1))),
                // The first byte of every second element is 1: the number 1, or a number next to 0.
                _ => Tensor.OfBytes(input.Name, input.Datatype, shape, Ones(count, input.Datatype.ElementBytes())),
            };
        })];
    }

    private static IReadOnlyList<Tensor> Mix(IReadOnlyList<Tensor> one, IReadOnlyList<Tensor> other, double weight) =>
        [.. one.Zip(other, (left, right) => left.Datatype switch
        {
            Datatype.Fp32 => Mix(left, right, (float)weight),
            Datatype.Fp64 => Mix(left, right, weight),
            _ => left,
        })];

    private static Tensor Mix<T>(Tensor one, Tensor other, T weight)
        where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<T> left = MemoryMarshal.Cast<byte, T>(one.Data.Span);
        ReadOnlySpan<T> right = MemoryMarshal.Cast<byte, T>(other.Data.Span);
        var mixed = new T[left.Length];
        for (int i = 0; i < mixed.Length; i++)
        {
            mixed[i] = left[i] + ((right[i] - left[i]) * weight);
        }

        return Tensor.OfBytes(one.Name, one.Datatype, one.Shape, MemoryMarshal.AsBytes(mixed.AsSpan()).ToArray());
    }

    private static bool IsTaken(ModelSession session, IReadOnlyList<Tensor> row)
    {
        try
        {
            session.Run(row);
            return true;
        }
        catch (ServiceException)
        {
            return false;
        }
    }

    private static Tensor Numbers<T>(TensorSpec input, long[] shape, IEnumerable<T> values)
        where T : unmanaged =>
        Tensor.OfBytes(input.Name, input.Datatype, shape, MemoryMarshal.AsBytes(values.ToArray().AsSpan()).ToArray());

    private static byte[] Ones(int count, int size)
    {
        byte[] data = new byte[count * size];
        for (int element = 1; element < count; element += 2)
        {
            data[element * size] = 1;
        }

        return data;
    }
}
