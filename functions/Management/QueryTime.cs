using System.Globalization;
using Modeldrop.Errors;

namespace Modeldrop.Functions.Management;

/// <summary>Instants in query strings: RFC 3339, taken as UTC where they name no offset.</summary>
internal static class QueryTime
{
    public static DateTimeOffset Parse(string name, string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at)
            ? at
            : throw new ServiceException(ErrorCode.InvalidRequest, $"{name} must be an instant such as 2026-01-31T12:00:00Z, not '{text}'.");

    /// <summary>Null when the parameter is absent.</summary>
    public static DateTimeOffset? Find(string name, string? text) => string.IsNullOrEmpty(text) ? null : Parse(name, text);
}
