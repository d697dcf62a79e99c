using System.Collections;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Modeldrop.Standalone.Invocation;

/// <summary>A run of a function in this process.</summary>
/// <param name="trigger">The data that the trigger passes to its own binders: the request, the timer, the blob…</param>
internal sealed class StandaloneContext(
    FunctionDefinition definition,
    IServiceProvider services,
    object trigger,
    IReadOnlyDictionary<string, object?> bindingData,
    CancellationToken cancellationToken) : FunctionContext
{
    private string? _invocationId;
    private IDictionary<object, object>? _items;
    private InvocationFeatures? _features;
    private Trace? _trace;
    private Data? _binding;

    public override string InvocationId => _invocationId ??= Guid.NewGuid().ToString();

    public override string FunctionId => definition.Id;

    public override TraceContext TraceContext => _trace ??= new Trace(Activity.Current);

    public override BindingContext BindingContext => _binding ??= new Data(bindingData);

    public override RetryContext RetryContext => NoRetry.Instance;

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override FunctionDefinition FunctionDefinition => definition;

    public override IDictionary<object, object> Items
    {
        get => _items ??= trigger is HttpContext http ? new RequestItems(http) : new Dictionary<object, object>();
        set => _items = value;
    }

    public override IInvocationFeatures Features => _features ??= [];

    public override CancellationToken CancellationToken => cancellationToken;

    public object Trigger => trigger;

    public IReadOnlyDictionary<string, object?> BindingData => bindingData;

    /// <summary>The function's return value.</summary>
    /// <remarks>The worker's <c>GetInvocationResult()</c> reads an internal feature, so no middleware may call it.</remarks>
    public object? Result { get; set; }

    private sealed class Data(IReadOnlyDictionary<string, object?> data) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => data;
    }

    private sealed class Trace(Activity? activity) : TraceContext
    {
        public override string TraceParent { get; } = activity?.Id ?? "";

        public override string TraceState { get; } = activity?.TraceStateString ?? "";
    }

    private sealed class NoRetry : RetryContext
    {
        public static readonly NoRetry Instance = new();

        public override int RetryCount => 0;

        public override int MaxRetryCount => 0;
    }

    private sealed class InvocationFeatures : IInvocationFeatures
    {
        private readonly Dictionary<Type, object> _features = [];

        public T? Get<T>() => _features.TryGetValue(typeof(T), out object? feature) ? (T)feature : default;

        public void Set<T>(T instance) => _features[typeof(T)] = instance ?? throw new ArgumentNullException(nameof(instance));

        public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _features.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
