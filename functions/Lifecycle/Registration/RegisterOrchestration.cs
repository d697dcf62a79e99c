using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Registration;

/// <summary>Creates a version from a drop, validates it and, if its policy says so, rolls it out step by step.</summary>
public static class RegisterOrchestration
{
    [Function(nameof(RegisterOrchestration))]
    public static Task<OperationResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, RegisterInput input) =>
        new RegisterRun(context, new DropInput(OperationId.Parse(context.InstanceId), input)).RunAsync();
}
