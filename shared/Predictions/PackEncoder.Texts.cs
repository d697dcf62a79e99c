using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Modeldrop.Predictions;

/// <summary>Columns of texts.</summary>
internal sealed partial class PackEncoder
{
    private IArrowArray Texts(ReadOnlySpan<ScoredRequest> records, Func<ScoredRequest, string?> text)
    {
        _texts.Clear();
        foreach (ScoredRequest record in records)
        {
            _texts.Add(text(record));
        }

        return Texts();
    }

    /// <summary>Builds the column from <see cref="_texts"/>.</summary>
    private IArrowArray Texts()
    {
        Span<int> offsets = Take<int>(_texts.Count + 1, out Memory<byte> offsetMemory);
        int nulls = 0;
        offsets[0] = 0;
        for (int index = 0; index < _texts.Count; index++)
        {
            nulls += _texts[index] is null ? 1 : 0;
            offsets[index + 1] = checked(offsets[index] + Encoding.UTF8.GetByteCount(_texts[index] ?? ""));
        }

        Memory<byte> values = _memory.Take(offsets[^1]);
        for (int index = 0; index < _texts.Count; index++)
        {
            Encoding.UTF8.GetBytes(_texts[index] ?? "", values.Span[offsets[index]..]);
        }

        return Strings(_texts.Count, offsetMemory, values, nulls, nulls == 0 ? ArrowBuffer.Empty : Validity());
    }

    /// <summary>Builds the column of a tensor's elements.</summary>
    private IArrowArray Texts(ReadOnlySpan<ScoredRequest> records, int index, bool isOutput, int count)
    {
        Span<int> offsets = Take<int>(count + 1, out Memory<byte> offsetMemory);
        offsets[0] = 0;
        int next = 0;
        foreach (ScoredRequest record in records)
        {
            foreach (ReadOnlySpan<byte> text in TensorOf(record, index, isOutput).Texts!)
            {
                offsets[next + 1] = checked(offsets[next] + text.Length);
                next++;
            }
        }

        Memory<byte> values = _memory.Take(offsets[^1]);
        int end = 0;
        foreach (ScoredRequest record in records)
        {
            ReadOnlySpan<byte> utf8 = TensorOf(record, index, isOutput).Texts!.Utf8;
            utf8.CopyTo(values.Span[end..]);
            end += utf8.Length;
        }

        return Strings(count, offsetMemory, values);
    }

    private static IArrowArray Strings(
        int count, ReadOnlyMemory<byte> offsets, ReadOnlyMemory<byte> values, int nulls = 0, ArrowBuffer validity = default) =>
        ArrowArrayFactory.BuildArray(
            new ArrayData(StringType.Default, count, nulls, 0, [validity, new ArrowBuffer(offsets), new ArrowBuffer(values)]));

    private ArrowBuffer Validity()
    {
        Memory<byte> bits = _memory.Take((_texts.Count + 7) / 8);
        bits.Span.Clear();
        for (int index = 0; index < _texts.Count; index++)
        {
            if (_texts[index] is not null)
            {
                BitUtility.SetBit(bits.Span, index);
            }
        }

        return new ArrowBuffer(bits);
    }
}
