namespace Modeldrop.LocalHost;

/// <summary>On a <c>TaskOrchestrationContext</c>: the function is an orchestrator; a second, unbound parameter is its input.</summary>
public sealed class OrchestrationTriggerAttribute : TriggerBindingAttribute;

/// <summary>On the input of an activity.</summary>
public sealed class ActivityTriggerAttribute : TriggerBindingAttribute;

/// <summary>On a <c>DurableTaskClient</c>.</summary>
public sealed class DurableClientAttribute : InputBindingAttribute;
