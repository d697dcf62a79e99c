using System.Collections;
using System.Runtime.InteropServices;

namespace Modeldrop.Tabular;

/// <summary>The texts of a column that is read row by row. A text becomes a string each time it is read.</summary>
/// <param name="texts">Has the texts; the columns of a table share it.</param>
/// <param name="capacity">The expected number of texts.</param>
internal sealed class TextColumn(TextBlocks texts, int capacity = 4) : IReadOnlyList<string?>
{
    private const long Missing = -1;

    private Memory<byte> _places = texts.Allocate(capacity * sizeof(long));

    public int Count { get; private set; }

    public string? this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            long place = Places[index];
            return place == Missing ? null : texts.At(place);
        }
    }

    private Span<long> Places => MemoryMarshal.Cast<byte, long>(_places.Span);

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
        if (Count == Places.Length)
        {
            Memory<byte> larger = texts.Allocate(checked(Math.Max(4, 2 * Count) * sizeof(long)));
            _places.CopyTo(larger);
            _places = larger;
        }

        Places[Count++] = place;
    }
}
