using System.Collections;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Modeldrop.LocalHost;

/// <summary>A run of a function of this host.</summary>
/// <param name="trigger">What the trigger hands to its own binders: the request, the timer, the blob…</param>
internal sealed class LocalFunctionContext(
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

    public override RetryContext RetryContext => Retry;

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override FunctionDefinition FunctionDefinition => definition;

    public override IDictionary<object, object> Items
    {
        get => _items ??= new Dictionary<object, object>();
        set => _items = value;
    }

    public override IInvocationFeatures Features => _features ??= new InvocationFeatures(this);

    public override CancellationToken CancellationToken => cancellationToken;

    public object Trigger => trigger;

    public IReadOnlyDictionary<string, object?> BindingData => bindingData;

    public Result InvocationResult { get; } = new();

    public Retry Retry { get; init; } = Retry.None;

    internal sealed class Result : InvocationResult
    {
        public override object? Value { get; set; }
    }

    private sealed class Data(IReadOnlyDictionary<string, object?> data) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => data;
    }

    private sealed class Trace(Activity? activity) : TraceContext
    {
        public override string TraceParent { get; } = activity?.Id ?? "";

        public override string TraceState { get; } = activity?.TraceStateString ?? "";
    }

    private sealed class InvocationFeatures(LocalFunctionContext context) : IInvocationFeatures
    {
        // Few runs set or list anything.
        private Dictionary<Type, object>? _features;

        private Dictionary<Type, object> Features => _features ??= Known();

        public T? Get<T>() =>
            _features is null && typeof(T) == typeof(HttpContext) ? (T?)(object?)(context.Trigger as HttpContext)
            : Features.TryGetValue(typeof(T), out object? feature) ? (T)feature
            : default;

        public void Set<T>(T instance)
        {
            ArgumentNullException.ThrowIfNull(instance);
            Features[typeof(T)] = instance;
        }

        public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => Features.GetEnumerator();

        private Dictionary<Type, object> Known()
        {
            Dictionary<Type, object> known = new() { [typeof(InvocationResult)] = context.InvocationResult };
            if (context.Trigger is HttpContext http)
            {
                known.Add(typeof(HttpContext), http);
            }

            return known;
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

/// <inheritdoc cref="RetryContext"/>
internal sealed class Retry(int retryCount, int maxRetryCount) : RetryContext
{
    public static readonly Retry None = new(0, 0);

    public override int RetryCount => retryCount;

    public override int MaxRetryCount => maxRetryCount;
}
