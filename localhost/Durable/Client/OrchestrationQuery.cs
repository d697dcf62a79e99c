namespace Modeldrop.LocalHost.Durable;

/// <summary>Which instances to list.</summary>
/// <param name="CreatedTo">Inclusive, as <paramref name="CreatedFrom"/>.</param>
/// <param name="TaskHubNames">Null: this hub; a list without this hub's name finds nothing.</param>
/// <param name="PageSize">Upper bound of a page; pages may be shorter.</param>
public record OrchestrationQuery(
    DateTimeOffset? CreatedFrom = null,
    DateTimeOffset? CreatedTo = null,
    IEnumerable<OrchestrationRuntimeStatus>? Statuses = null,
    IEnumerable<string>? TaskHubNames = null,
    string? InstanceIdPrefix = null,
    int PageSize = OrchestrationQuery.DefaultPageSize,
    bool FetchInputsAndOutputs = false,
    string? ContinuationToken = null)
{
    public const int DefaultPageSize = 100;
}
