namespace Modeldrop.Access;

/// <summary>What the page of keys shows.</summary>
/// <param name="Made">The text of a key that was made just now; null: none.</param>
/// <param name="Message">Why nothing was done; null: it was, or nothing was asked.</param>
public sealed record KeysView(IReadOnlyList<AccessKey> Keys, DateTimeOffset At, string? Made = null, string? Message = null);
