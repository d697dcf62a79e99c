using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Modeldrop.Access;

namespace Modeldrop.Functions.Access;

internal enum CredentialKind
{
    None,

    /// <summary>An API key.</summary>
    Key,

    /// <summary>An API key as a password, which browsers send again automatically.</summary>
    Password,

    /// <summary>A signed token.</summary>
    Token,
}

/// <summary>The credential of a request: <c>x-functions-key</c>, <c>x-api-key</c>, or <c>Authorization</c>.</summary>
internal readonly record struct Credential(CredentialKind Kind, ReadOnlyMemory<char> Text)
{
    private const string FunctionsKey = "x-functions-key";
    private const string ApiKey = "x-api-key";
    private const string Bearer = "Bearer ";
    private const string Basic = "Basic ";

    /// <summary>Returns the first credential of the request. Allocates nothing for a key in a header.</summary>
    public static Credential Of(HttpRequest request)
    {
        IHeaderDictionary headers = request.Headers;
        if (headers.TryGetValue(FunctionsKey, out StringValues key) || headers.TryGetValue(ApiKey, out key))
        {
            return new Credential(CredentialKind.Key, key.ToString().AsMemory());
        }

        if (!headers.TryGetValue(HeaderNames.Authorization, out StringValues values))
        {
            return default;
        }

        string text = values.ToString();
        if (text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            ReadOnlyMemory<char> token = text.AsMemory(Bearer.Length).Trim();
            return new Credential(IsToken(token.Span) ? CredentialKind.Token : CredentialKind.Key, token);
        }

        bool isBasic = text.StartsWith(Basic, StringComparison.OrdinalIgnoreCase);
        return new Credential(CredentialKind.Password, isBasic ? PasswordIn(text[Basic.Length..]) : default);
    }

    /// <summary>A signed token has three parts; a key has no dots.</summary>
    private static bool IsToken(ReadOnlySpan<char> text) => !KeyText.Is(text) && text.Count('.') == 2;

    /// <summary>The user's name is ignored: MLflow's clients require one.</summary>
    private static ReadOnlyMemory<char> PasswordIn(string encoded)
    {
        try
        {
            string pair = Encoding.UTF8.GetString(Convert.FromBase64String(encoded.Trim()));
            int colon = pair.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? default : pair.AsMemory(colon + 1);
        }
        catch (FormatException)
        {
            return default;
        }
    }
}
