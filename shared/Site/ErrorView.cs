namespace Modeldrop.Site;

/// <summary>Why a page cannot be shown.</summary>
/// <param name="Reasons">One sentence each.</param>
/// <param name="Trace">Trace id of the request, as in the log.</param>
public sealed record ErrorView(int Status, string Title, IReadOnlyList<string> Reasons, string Trace);
