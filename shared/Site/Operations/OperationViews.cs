using Modeldrop.Lifecycle;
using Modeldrop.Registry;

namespace Modeldrop.Site.Operations;

/// <summary>A page of operations, newest first.</summary>
/// <param name="Model">Null: all models.</param>
/// <param name="Status">The status in the query's words; null: all.</param>
/// <param name="NextPage">Null on the last page.</param>
public sealed record OperationListView(IReadOnlyList<Operation> Operations, string? Model, string? Status, string? NextPage, bool IsFirst)
{
    /// <summary>Whether one of them may still change.</summary>
    public bool IsLive => Operations.Any(operation => !operation.HasEnded);
}

/// <summary>One operation.</summary>
/// <param name="Head">Head of its model; null: there is none yet.</param>
public sealed record OperationView(Operation Operation, ModelHead? Head);
