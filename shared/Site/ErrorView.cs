namespace Modeldrop.Site;

/// <summary>Why a page cannot be shown.</summary>
/// <param name="Reasons">A sentence each.</param>
/// <param name="Trace">Of the request, as the log has it.</param>
public sealed record ErrorView(int Status, string Title, IReadOnlyList<string> Reasons, string Trace);
