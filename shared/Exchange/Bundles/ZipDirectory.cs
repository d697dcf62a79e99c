using System.Buffers.Binary;

namespace Modeldrop.Exchange.Bundles;

/// <summary>
/// Checks the end of a zip file before its directory is read, because the directory is read into memory as a whole: it must be small, and
/// lie directly before the end.
/// </summary>
internal static class ZipDirectory
{
    /// <summary>A directory of 10,000 entries with names of 40 characters takes 1 MB.</summary>
    private const long MaxBytes = 4 << 20;

    private const int EndBytes = 22;
    private const uint EndMark = 0x06054b50;
    private const int LocatorBytes = 20;
    private const uint LocatorMark = 0x07064b50;
    private const int LargeEndBytes = 56;
    private const uint LargeEndMark = 0x06064b50;

    /// <exception cref="InvalidDataException">The file is not a zip file, or its directory breaks these rules.</exception>
    public static async Task CheckAsync(Stream file, CancellationToken cancellationToken)
    {
        if (file.Length < EndBytes)
        {
            throw NoZip();
        }

        long end = file.Length - EndBytes;
        byte[] record = await ReadAsync(file, end, EndBytes, cancellationToken);
        if (UInt32(record, 0) != EndMark || BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(20)) != 0)
        {
            throw NoZip();
        }

        (ulong bytes, ulong from) = (UInt32(record, 12), UInt32(record, 16));
        bool isLarge = BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(10)) == ushort.MaxValue;
        if (isLarge || bytes == uint.MaxValue || from == uint.MaxValue)
        {
            end -= LocatorBytes;
            byte[] locator = await ReadAsync(file, end, LocatorBytes, cancellationToken);
            end -= LargeEndBytes;
            byte[] large = await ReadAsync(file, end, LargeEndBytes, cancellationToken);
            if (UInt32(locator, 0) != LocatorMark || UInt64(locator, 8) != (ulong)end || UInt32(large, 0) != LargeEndMark)
            {
                throw NoZip();
            }

            (bytes, from) = (UInt64(large, 40), UInt64(large, 48));
        }

        if (bytes > MaxBytes)
        {
            throw new InvalidDataException($"Its directory has {bytes} bytes; at most {MaxBytes} are accepted.");
        }

        if (from > (ulong)end || from + bytes != (ulong)end)
        {
            throw NoZip();
        }
    }

    private static async Task<byte[]> ReadAsync(Stream file, long position, int bytes, CancellationToken cancellationToken)
    {
        if (position < 0)
        {
            throw NoZip();
        }

        byte[] read = new byte[bytes];
        file.Position = position;
        await file.ReadExactlyAsync(read, cancellationToken);
        return read;
    }

    private static uint UInt32(byte[] record, int at) => BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(at));

    private static ulong UInt64(byte[] record, int at) => BinaryPrimitives.ReadUInt64LittleEndian(record.AsSpan(at));

    private static InvalidDataException NoZip() => new("It is not a zip file, it is cut off, or data were added after its end.");
}
