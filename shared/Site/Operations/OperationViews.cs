using Modeldrop.Lifecycle;
using Modeldrop.Registry;

namespace Modeldrop.Site.Operations;

/// <summary>A page of operations, newest first.</summary>
/// <param name="Model">Whose; null: of all.</param>
/// <param name="Status">In the words of the query; null: all.</param>
/// <param name="NextPage">Null behind the last.</param>
public sealed record OperationListView(IReadOnlyList<Operation> Operations, string? Model, string? Status, string? NextPage, bool IsFirst)
{
    /// <summary>Whether one of them may still change.</summary>
    public bool IsLive => Operations.Any(operation => !operation.HasEnded);
}

/// <summary>One operation.</summary>
/// <param name="Head">Of its model; null: there is none yet.</param>
public sealed record OperationView(Operation Operation, ModelHead? Head);
