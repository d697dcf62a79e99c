namespace Modeldrop.Registry;

/// <summary>What a move of an alias did.</summary>
/// <param name="From">Where the alias pointed before; null when it is new; equal to <paramref name="To"/> when it already pointed
/// there.</param>
/// <param name="Since">Since when the alias points, or pointed, to <paramref name="To"/>.</param>
public sealed record AliasMove(string Alias, int? From, int To, DateTimeOffset Since);

/// <summary>A line of an alias's history.</summary>
/// <param name="From">Null when the alias was new.</param>
/// <param name="To">Null when it was deleted.</param>
public sealed record AliasChange(string Alias, int? From, int? To, DateTimeOffset At, Actor Actor, bool RolledBack);
