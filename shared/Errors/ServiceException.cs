namespace Modeldrop.Errors;

/// <summary>A failure that a caller is told about, by its <see cref="ErrorCode"/>; anything else that is thrown is a bug.</summary>
public sealed class ServiceException : Exception
{
    public ServiceException(ErrorCode code, string detail, Exception? cause = null)
        : base(detail, cause)
    {
        Code = code;
        Violations = [detail];
    }

    /// <summary>Reports everything that is wrong at once.</summary>
    public ServiceException(ErrorCode code, IReadOnlyList<string> violations, Exception? cause = null)
        : base(string.Join(" ", violations), cause)
    {
        Code = code;
        Violations = violations;
    }

    /// <summary>
    /// What a caller is told of an exception; null for a bug. Memory that ran out is none: the same request succeeds when others are done.
    /// </summary>
    public static ServiceException? Find(Exception exception) => exception as ServiceException
        ?? (exception is OutOfMemoryException
            ? new ServiceException(
                ErrorCode.MemoryExhausted, "There is not enough memory for this request now; send less at once, or try again.", exception)
            : null);

    public ErrorCode Code { get; }

    /// <summary>One sentence for each thing that is wrong; at least one.</summary>
    public IReadOnlyList<string> Violations { get; }
}
