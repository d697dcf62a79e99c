using Modeldrop.Exchange.Push;
using Modeldrop.Lifecycle.Operations;

namespace Modeldrop.Functions.Exchange;

/// <summary>Decides the outcome of a push. Pure.</summary>
internal static class PushOutcome
{
    public static OperationResult Of(PushInput input, string there, PushState state)
    {
        string where = $"'{input.Target}' (operation {there})";
        return state.Outcome switch
        {
            "done" or "unchanged" => new OperationResult(
                OperationOutcome.Done, input.Version, [$"It is version {state.Version} of '{input.As}' at {where}.", .. state.Reasons]),
            null => OperationResult.Rejected(
                input.Version, [$"{where} has not ended within a day; its step is '{state.Step}'. Look at the operation there."]),
            var other => OperationResult.Rejected(input.Version, [$"{where} has ended as '{other}'.", .. state.Reasons]),
        };
    }
}
