using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Modeldrop.Wire;

/// <summary>Reads <c>Accept-Encoding</c>.</summary>
internal static class ResponseEncoding
{
    /// <returns>
    /// <c>gzip</c> or <c>deflate</c>, whichever the caller prefers, and gzip if it prefers neither; null for uncompressed.
    /// </returns>
    public static string? Choose(StringValues accepted)
    {
        // Nearly all requests: no compression is requested.
        if (accepted.Count == 0)
        {
            return null;
        }

        double gzip = 0;
        double deflate = 0;
        double other = 0;
        foreach (string? line in accepted)
        {
            ReadOnlySpan<char> text = line;
            foreach (Range part in text.Split(','))
            {
                ReadOnlySpan<char> item = text[part];
                int semicolon = item.IndexOf(';');
                ReadOnlySpan<char> name = (semicolon < 0 ? item : item[..semicolon]).Trim();
                double quality = semicolon < 0 ? 1 : Quality(item[(semicolon + 1)..].Trim());
                if (name.Equals("gzip", StringComparison.OrdinalIgnoreCase) || name.Equals("x-gzip", StringComparison.OrdinalIgnoreCase))
                {
                    gzip = quality;
                }
                else if (name.Equals("deflate", StringComparison.OrdinalIgnoreCase))
                {
                    deflate = quality;
                }
                else if (name.Equals("identity", StringComparison.OrdinalIgnoreCase))
                {
                    other = quality;
                }
            }
        }

        double best = Math.Max(gzip, deflate);
        return best <= 0 || other > best ? null : gzip >= deflate ? "gzip" : "deflate";
    }

    private static double Quality(ReadOnlySpan<char> parameter)
    {
        int equals = parameter.IndexOf('=');
        bool isQuality = equals > 0 && parameter[..equals].Trim().Equals("q", StringComparison.OrdinalIgnoreCase);
        return isQuality
            && double.TryParse(parameter[(equals + 1)..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double quality)
            ? quality
            : 1;
    }
}
