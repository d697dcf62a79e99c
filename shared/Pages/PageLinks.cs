namespace Modeldrop.Pages;

/// <summary>Addresses in the app for a reader who came with an access code: links carry it on.</summary>
/// <param name="AccessCode">What the platform takes as <c>?code=…</c>; null: none.</param>
public sealed record PageLinks(string? AccessCode)
{
    /// <param name="address">From the root of the app, with or without a query.</param>
    public string To(string address) => AccessCode is null
        ? address
        : $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}code={Uri.EscapeDataString(AccessCode)}";
}
