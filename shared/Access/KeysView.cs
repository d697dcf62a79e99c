namespace Modeldrop.Access;

/// <summary>The content of the page of keys.</summary>
/// <param name="Made">The text of a key that has just been created; null: none.</param>
/// <param name="Message">Why an action failed; null: it succeeded, or there was none.</param>
public sealed record KeysView(IReadOnlyList<AccessKey> Keys, DateTimeOffset At, string? Made = null, string? Message = null);
