namespace Modeldrop.Tests.Exchange.Bundles;

/// <summary>A file in memory that stores only non-zero blocks, so that gigabytes of zeros cost nothing.</summary>
internal sealed class SparseStream : Stream
{
    private const int BlockBytes = 1 << 16;

    private readonly Dictionary<long, byte[]> _blocks = [];
    private long _length;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position { get; set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            (long number, int offset) = Place();
            ReadOnlySpan<byte> part = buffer[..Math.Min(buffer.Length, BlockBytes - offset)];
            if (_blocks.TryGetValue(number, out byte[]? block) || part.ContainsAnyExcept((byte)0))
            {
                block ??= _blocks[number] = new byte[BlockBytes];
                part.CopyTo(block.AsSpan(offset));
            }

            Position += part.Length;
            buffer = buffer[part.Length..];
        }

        _length = Math.Max(_length, Position);
    }

    public override int Read(Span<byte> buffer)
    {
        (long number, int offset) = Place();
        int bytes = (int)Math.Min(Math.Min(buffer.Length, BlockBytes - offset), Math.Max(0, _length - Position));
        if (_blocks.TryGetValue(number, out byte[]? block))
        {
            block.AsSpan(offset, bytes).CopyTo(buffer);
        }
        else
        {
            buffer[..bytes].Clear();
        }

        Position += bytes;
        return bytes;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => _length + offset,
    };

    public override void SetLength(long value) => throw new NotSupportedException();

    private (long Number, int Offset) Place() => (Position / BlockBytes, (int)(Position % BlockBytes));
}
