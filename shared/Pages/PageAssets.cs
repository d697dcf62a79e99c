using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Modeldrop.Pages;

/// <summary>A file that pages load: a style, script or picture.</summary>
/// <param name="Hash">Hash of the content. It is part of the address, so that browsers may cache the file forever.</param>
/// <param name="IsPacked">Whether the content is compressed with gzip.</param>
public sealed record PageAsset(string Name, string ContentType, string Hash, ReadOnlyMemory<byte> Content, bool IsPacked = false)
{
    /// <summary>The content for a browser that does not accept gzip.</summary>
    public byte[] Unpack()
    {
        using var packed = new GZipStream(new MemoryStream(Content.ToArray()), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        packed.CopyTo(plain);
        return plain.ToArray();
    }
}

/// <summary>The files that the console's pages load. All are part of the program; nothing is loaded from elsewhere.</summary>
public static class PageAssets
{
    private static readonly FrozenDictionary<string, PageAsset> All = new[]
    {
        Of("console.css", "text/css; charset=utf-8", Encoding.UTF8.GetBytes(PageStyle.Text + Read("uplot.css") + Read("console.css"))),
        Of("console.js", "text/javascript; charset=utf-8", Encoding.UTF8.GetBytes(Read("console.js"))),
        Of("drop.js", "text/javascript; charset=utf-8", Encoding.UTF8.GetBytes(Read("drop.js"))),
        Of("plots.js", "text/javascript; charset=utf-8", Encoding.UTF8.GetBytes(Read("uplot.js") + Read("plots.js"))),
        Of("docs.js", "text/javascript; charset=utf-8", Encoding.UTF8.GetBytes(Read("docs.js"))),
        Of("scalar.js", "text/javascript; charset=utf-8", ReadBytes("scalar.js.gz")) with { IsPacked = true },
        Of("icon.svg", "image/svg+xml", Encoding.UTF8.GetBytes(Read("icon.svg"))),
    }.ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);

    /// <summary>Null if there is no file of that name.</summary>
    public static PageAsset? Find(string name) => All.GetValueOrDefault(name);

    /// <summary>The address with the hash of the content: another content has another address.</summary>
    public static string AddressOf(string name) => $"/assets/{name}?v={All[name].Hash}";

    private static PageAsset Of(string name, string contentType, byte[] content) =>
        new(name, contentType, Convert.ToHexStringLower(SHA256.HashData(content))[..16], content);

    private static string Read(string name)
    {
        using Stream stream = Open(name);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static byte[] ReadBytes(string name)
    {
        using Stream stream = Open(name);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static Stream Open(string name) => typeof(PageAssets).Assembly.GetManifestResourceStream($"assets/{name}")!;
}
