using Azure.Data.Tables;

namespace Modeldrop.Storage;

/// <summary>Distributes bytes over the binary properties <c>D00</c>, <c>D01</c>… of a table entity, 64 KiB each.</summary>
/// <remarks>An entity holds 1 MiB; <see cref="MaxBytes"/> leaves room for its other properties.</remarks>
public static class ChunkedProperties
{
    public const int MaxBytes = 15 * ChunkBytes;

    private const int ChunkBytes = 64 * 1024;

    /// <exception cref="ArgumentOutOfRangeException">More than <see cref="MaxBytes"/>.</exception>
    public static void WriteChunks(this TableEntity entity, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, MaxBytes, nameof(bytes));
        for (int chunk = 0; chunk * ChunkBytes < bytes.Length; chunk++)
        {
            int start = chunk * ChunkBytes;
            entity[Name(chunk)] = bytes.Slice(start, Math.Min(ChunkBytes, bytes.Length - start)).ToArray();
        }
    }

    /// <summary>Returns the bytes that <see cref="WriteChunks"/> wrote; empty if it wrote none.</summary>
    public static byte[] ReadChunks(this TableEntity entity)
    {
        var chunks = new List<byte[]>();
        while (entity.GetBinary(Name(chunks.Count)) is { } chunk)
        {
            chunks.Add(chunk);
        }

        return chunks.Count == 1 ? chunks[0] : [.. chunks.SelectMany(chunk => chunk)];
    }

    private static string Name(int chunk) => $"D{chunk:00}";
}
