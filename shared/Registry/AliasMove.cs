namespace Modeldrop.Registry;

/// <summary>The result of moving an alias.</summary>
/// <param name="From">The version that the alias pointed to before; null if the alias is new; equal to <paramref name="To"/> if nothing
/// changed.</param>
/// <param name="Since">When the alias was pointed to <paramref name="To"/>.</param>
public sealed record AliasMove(string Alias, int? From, int To, DateTimeOffset Since);

/// <summary>An entry of an alias's history.</summary>
/// <param name="From">Null if the alias was new.</param>
/// <param name="To">Null if the alias was deleted.</param>
public sealed record AliasChange(string Alias, int? From, int? To, DateTimeOffset At, Actor Actor, bool RolledBack);
