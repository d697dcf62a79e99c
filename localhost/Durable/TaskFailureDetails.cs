using System.Reflection;

namespace Modeldrop.LocalHost.Durable;

/// <summary>A failure as data: it outlives the process in which the exception was thrown.</summary>
/// <param name="ErrorType">Full name of the exception's type.</param>
/// <param name="Properties">Always null here: this host has no provider of exception properties.</param>
public record TaskFailureDetails(
    string ErrorType,
    string ErrorMessage,
    string? StackTrace,
    TaskFailureDetails? InnerFailure,
    IDictionary<string, object?>? Properties)
{
    public static TaskFailureDetails FromException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);

        // What failed is what a reader looks for: a failed task's own details stand in for its exception's (absent) inner exception.
        TaskFailureDetails? inner = exception is TaskFailedException failed ? failed.FailureDetails
            : exception.InnerException is { } cause ? FromException(cause)
            : null;
        return new TaskFailureDetails(exception.GetType().ToString(), exception.Message, exception.StackTrace, inner, null);
    }

    /// <summary>Whether the exception was a <typeparamref name="T"/> or derived from it.</summary>
    public bool IsCausedBy<T>()
        where T : Exception => IsCausedBy(typeof(T));

    /// <inheritdoc cref="IsCausedBy{T}"/>
    public bool IsCausedBy(Type targetBaseExceptionType)
    {
        ArgumentNullException.ThrowIfNull(targetBaseExceptionType);
        if (!typeof(Exception).IsAssignableFrom(targetBaseExceptionType))
        {
            throw new ArgumentException($"The type {targetBaseExceptionType} is not an exception.", nameof(targetBaseExceptionType));
        }

        Type? thrown = targetBaseExceptionType.Assembly.GetType(ErrorType)
            ?? Type.GetType(ErrorType)
            ?? AppDomain.CurrentDomain.GetAssemblies().Select(Find).FirstOrDefault(type => type is not null);
        return targetBaseExceptionType.IsAssignableFrom(thrown);
    }

    public override string ToString() => $"{ErrorType}: {ErrorMessage}";

    private Type? Find(Assembly assembly) => assembly.IsDynamic ? null : assembly.GetType(ErrorType);
}
