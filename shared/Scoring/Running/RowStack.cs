using System.Buffers;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Speed;
using Modeldrop.Tensors;

namespace Modeldrop.Scoring.Running;

/// <summary>Joins the rows of several requests into one run, and splits the answer by request.</summary>
internal static class RowStack
{
    /// <summary>Whether every input and output has its rows along the first dimension, so that requests can be joined.</summary>
    public static bool Fits(Signature signature) =>
        signature.Inputs.Count > 0
        && signature.Inputs.All(input => input.HasBatchDimension)
        && signature.Outputs.All(output => output.HasBatchDimension);

    /// <summary>The number of rows of a request that may be joined with others; 0 when it may not.</summary>
    public static int RowsOf(IReadOnlyList<Tensor> inputs)
    {
        long rows = inputs.Count == 0 || inputs[0].Shape.Length == 0 ? 0 : inputs[0].Shape[0];
        for (int i = 1; i < inputs.Count; i++)
        {
            if (inputs[i].Shape.Length == 0 || inputs[i].Shape[0] != rows)
            {
                return 0;
            }
        }

        return rows <= RunSlot.MaxRows ? (int)rows : 0;
    }

    /// <summary>Whether the rows of both requests have the same form.</summary>
    public static bool AreAlike(IReadOnlyList<Tensor> left, IReadOnlyList<Tensor> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        for (int i = 0; i < left.Count; i++)
        {
            if (left[i].Datatype != right[i].Datatype
                || !left[i].Shape.AsSpan(1).SequenceEqual(right[i].Shape.AsSpan(1))
                || left[i].Name != right[i].Name)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Returns one tensor with the rows of all requests, in order.</summary>
    /// <param name="rented">The pooled memory of the tensor, to be returned after the run.</param>
    public static Tensor Join(ReadOnlySpan<RunJob> jobs, int input, int rows, out byte[] rented)
    {
        Tensor first = jobs[0].Inputs[input];
        long[] shape = [.. first.Shape];
        shape[0] = rows;
        if (first.Texts is not null)
        {
            return Tensor.OfTexts(first.Name, shape, JoinTexts(jobs, input, (int)Tensor.CountOf(shape), out rented));
        }

        int bytes = (int)Tensor.CountOf(shape) * first.Datatype.ElementBytes();
        rented = ArrayPool<byte>.Shared.Rent(bytes);
        int end = 0;
        foreach (RunJob job in jobs)
        {
            ReadOnlySpan<byte> part = job.Inputs[input].Data.Span;
            part.CopyTo(rented.AsSpan(end));
            end += part.Length;
        }

        return Tensor.OfBytes(first.Name, first.Datatype, shape, rented.AsMemory(0, bytes));
    }

    private static Texts JoinTexts(ReadOnlySpan<RunJob> jobs, int input, int count, out byte[] rented)
    {
        long utf8Bytes = 0;
        foreach (RunJob job in jobs)
        {
            utf8Bytes += job.Inputs[input].Texts!.Utf8.Length;
        }

        int bytes = TextsWriter.BytesOf(count, utf8Bytes);
        rented = ArrayPool<byte>.Shared.Rent(bytes);
        var writer = new TextsWriter(rented, count);
        foreach (RunJob job in jobs)
        {
            foreach (ReadOnlySpan<byte> text in job.Inputs[input].Texts!)
            {
                writer.Add(text);
            }
        }

        return new Texts(rented.AsMemory(0, bytes), count);
    }

    /// <summary>Rows of a joined answer; null when the model did not return as many rows as it received.</summary>
    /// <param name="before">The previously cut part; a part with the same number of rows shares its shapes.</param>
    public static Tensor[]? Cut(IReadOnlyList<Tensor> outputs, int start, int rows, int total, Tensor[]? before)
    {
        var part = new Tensor[outputs.Count];
        for (int i = 0; i < part.Length; i++)
        {
            if (outputs[i].Shape.Length == 0 || outputs[i].Shape[0] != total)
            {
                return null;
            }

            part[i] = before is not null && before[i].Shape[0] == rows
                ? outputs[i].RowsOf(start, before[i].Shape)
                : outputs[i].RowsOf(start, rows);
        }

        return part;
    }
}
