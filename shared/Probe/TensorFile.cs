using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Modeldrop.Tensors;

namespace Modeldrop.Probe;

/// <summary>
/// Transfers tensors between child and parent: the length of a JSON header (int32), the header, then the elements of each tensor,
/// little-endian; strings as length (int32) and UTF-8. The file exists as long as the work folder; this is not a storage format.
/// </summary>
internal static class TensorFile
{
    private const int MaxHeaderBytes = 1024 * 1024;

    public static void Write(string path, IReadOnlyList<Tensor> tensors)
    {
        using var writer = new BinaryWriter(File.Create(path), Encoding.UTF8);
        Write(writer, tensors);
    }

    public static void Write(BinaryWriter writer, IReadOnlyList<Tensor> tensors)
    {
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(
            tensors.Select(tensor => new Entry(tensor.Name, tensor.Datatype, tensor.Shape)).ToList(), ProbeJson.Options);
        writer.Write(header.Length);
        writer.Write(header);
        foreach (Tensor tensor in tensors)
        {
            if (tensor.Texts is not { } texts)
            {
                writer.Write(tensor.Data.Span);
                continue;
            }

            foreach (ReadOnlySpan<byte> text in texts)
            {
                writer.Write(text.Length);
                writer.Write(text);
            }
        }
    }

    /// <summary>Reads the file of an untrusted process: allocates no more than the file contains.</summary>
    /// <exception cref="InvalidDataException">The file is not in the format of <c>Write</c>.</exception>
    public static IReadOnlyList<Tensor> Read(string path, long maxBytes)
    {
        ReadOnlyMemory<byte> rest = ReadBytes(path, maxBytes);
        return Read(ref rest);
    }

    /// <summary>Reads the bytes of an untrusted process's file.</summary>
    /// <exception cref="InvalidDataException">The file is larger than <paramref name="maxBytes"/>.</exception>
    public static byte[] ReadBytes(string path, long maxBytes)
    {
        long bytes = new FileInfo(path).Length;
        return bytes <= Math.Min(maxBytes, Array.MaxLength)
            ? File.ReadAllBytes(path)
            : throw new InvalidDataException($"The tensors take {bytes:N0} bytes.");
    }

    /// <summary>Reads the format of the other <c>Write</c> and advances past it.</summary>
    /// <exception cref="InvalidDataException">The data have another format.</exception>
    public static IReadOnlyList<Tensor> Read(ref ReadOnlyMemory<byte> rest)
    {
        try
        {
            int headerBytes = TakeLength(ref rest, MaxHeaderBytes);
            List<Entry> entries = JsonSerializer.Deserialize<List<Entry>>(Take(ref rest, headerBytes).Span, ProbeJson.Options) ?? [];
            List<Tensor> tensors = [];
            foreach (Entry entry in entries)
            {
                long count = Tensor.CountOf(entry.Shape);
                if (entry.Datatype == Datatype.Bytes)
                {
                    tensors.Add(Tensor.OfStrings(entry.Name, entry.Shape, TakeStrings(ref rest, count)));
                }
                else
                {
                    tensors.Add(
                        Tensor.OfBytes(
                            entry.Name, entry.Datatype, entry.Shape, Take(ref rest, checked(count * entry.Datatype.ElementBytes()))));
                }
            }

            return tensors;
        }
        catch (Exception exception) when (exception is JsonException or OverflowException or ArgumentException or NullReferenceException)
        {
            throw new InvalidDataException("The tensors are damaged.", exception);
        }
    }

    private static string[] TakeStrings(ref ReadOnlyMemory<byte> rest, long count)
    {
        // Each string takes at least four bytes.
        if (count < 0 || count > rest.Length / sizeof(int))
        {
            throw new InvalidDataException("The tensors are truncated.");
        }

        var strings = new string[count];
        for (int index = 0; index < strings.Length; index++)
        {
            int length = TakeLength(ref rest, int.MaxValue);
            strings[index] = Encoding.UTF8.GetString(Take(ref rest, length).Span);
        }

        return strings;
    }

    private static int TakeLength(ref ReadOnlyMemory<byte> rest, int max)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(Take(ref rest, sizeof(int)).Span);
        return length >= 0 && length <= max ? length : throw new InvalidDataException("The tensors are damaged.");
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> rest, long length)
    {
        if (length < 0 || length > rest.Length)
        {
            throw new InvalidDataException("The tensors are truncated.");
        }

        ReadOnlyMemory<byte> taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    internal sealed record Entry(string Name, Datatype Datatype, long[] Shape);
}
