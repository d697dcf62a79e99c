using System.Collections;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Modeldrop.Tabular;

/// <summary>The texts of a column that is read row by row. A text becomes a string each time it is read as one.</summary>
/// <param name="texts">Has the texts; the columns of a table share it.</param>
internal sealed class TextColumn(TextBlocks texts) : IReadOnlyList<string?>
{
    private const long Missing = -1;
    private const int FirstPlaces = 16;

    // Each part is twice as long as the one before it, so that nothing is copied.
    private readonly List<Memory<byte>> _parts = [];

    public int Count { get; private set; }

    public string? this[int index] => TryGet(index, out ReadOnlySpan<byte> utf8) ? Encoding.UTF8.GetString(utf8) : null;

    /// <param name="utf8">Valid UTF-8.</param>
    /// <returns>False when the text is missing.</returns>
    public bool TryGet(int index, out ReadOnlySpan<byte> utf8)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        long place = PlaceOf(index);
        utf8 = place == Missing ? default : texts.At(place);
        return place != Missing;
    }

    /// <param name="utf8">Valid UTF-8.</param>
    public void Add(ReadOnlySpan<byte> utf8) => AddPlace(texts.Add(utf8));

    public void Add(ReadOnlySpan<char> text) => AddPlace(texts.Add(text));

    public void AddMissing() => AddPlace(Missing);

    /// <summary>Removes the texts after the first <paramref name="count"/>.</summary>
    public void Cut(int count) => Count = count;

    public IEnumerator<string?> GetEnumerator()
    {
        for (int index = 0; index < Count; index++)
        {
            yield return this[index];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void AddPlace(long place)
    {
        if (Count == FirstPlaces * ((1L << _parts.Count) - 1))
        {
            _parts.Add(texts.Allocate(checked((FirstPlaces * sizeof(long)) << _parts.Count)));
        }

        PlaceOf(Count) = place;
        Count++;
    }

    private ref long PlaceOf(int index)
    {
        int part = BitOperations.Log2((uint)(index + FirstPlaces) / FirstPlaces);
        return ref MemoryMarshal.Cast<byte, long>(_parts[part].Span)[index + FirstPlaces - (FirstPlaces << part)];
    }
}
