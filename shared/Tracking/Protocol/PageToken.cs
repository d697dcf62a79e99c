using System.Globalization;
using System.Text;
using Modeldrop.Errors;

namespace Modeldrop.Tracking.Protocol;

/// <summary>Cuts lists into pages. A token holds the number of items before the page; to clients it is opaque.</summary>
public static class PageToken
{
    private const string Prefix = "after:";

    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> for a token that did not come from a page.</exception>
    public static (IReadOnlyList<T> Page, string? Next) Cut<T>(IReadOnlyList<T> all, string? token, int size)
    {
        int from = token is null ? 0 : Find(token) ?? throw new ServiceException(
            ErrorCode.InvalidRequest, $"'{token}' is not a page token of this server. Start again without 'page_token'.");
        T[] page = [.. all.Skip(from).Take(size)];
        return (page, (long)from + size < all.Count ? Of(from + size) : null);
    }

    private static string Of(int from) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(Prefix + from.ToString(CultureInfo.InvariantCulture)));

    private static int? Find(string token)
    {
        Span<byte> bytes = stackalloc byte[64];
        return token.Length <= 64
            && Convert.TryFromBase64String(token, bytes, out int length)
            && Encoding.ASCII.GetString(bytes[..length]) is var text
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int from)
            ? from
            : null;
    }
}
