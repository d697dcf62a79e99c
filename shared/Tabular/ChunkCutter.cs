namespace Modeldrop.Tabular;

/// <summary>Groups the records of a text file into parts.</summary>
/// <param name="start">The first byte after the header.</param>
/// <param name="line">The line of that byte, counted from 1.</param>
internal sealed class ChunkCutter(long targetBytes, long start, int line)
{
    private readonly List<TableChunk> _chunks = [];
    private long _start = start;
    private long _length;
    private int _firstLine = line;

    public int Line { get; private set; } = line;

    public void Add(long bytes, int lines)
    {
        _length += bytes;
        Line += lines;
        if (_length >= targetBytes)
        {
            Close();
        }
    }

    public IReadOnlyList<TableChunk> End()
    {
        if (_length > 0)
        {
            Close();
        }

        return _chunks;
    }

    private void Close()
    {
        _chunks.Add(new TableChunk(_start, _length, _firstLine));
        (_start, _length, _firstLine) = (_start + _length, 0, Line);
    }
}
