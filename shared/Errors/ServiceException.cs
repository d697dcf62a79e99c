namespace Modeldrop.Errors;

/// <summary>A failure that is reported to the caller by its <see cref="ErrorCode"/>; any other exception is a bug.</summary>
public sealed class ServiceException : Exception
{
    public ServiceException(ErrorCode code, string detail, Exception? cause = null)
        : this(cause, code, ErrorText.Bounded([detail]))
    {
    }

    /// <summary>Reports all violations at once, within the bounds of <see cref="ErrorText"/>.</summary>
    public ServiceException(ErrorCode code, IReadOnlyList<string> violations, Exception? cause = null)
        : this(cause, code, ErrorText.Bounded(violations))
    {
    }

    private ServiceException(Exception? cause, ErrorCode code, IReadOnlyList<string> bounded)
        : base(string.Join(" ", bounded), cause)
    {
        Code = code;
        Violations = bounded;
    }

    /// <summary>
    /// Translates an exception for the caller; null for a bug. Running out of memory is not a bug: the same request succeeds when others
    /// have finished.
    /// </summary>
    public static ServiceException? Find(Exception exception) => exception as ServiceException
        ?? (exception is OutOfMemoryException
            ? new ServiceException(
                ErrorCode.MemoryExhausted, "There is not enough memory for this request now; send less at once, or try again.", exception)
            : null);

    public ErrorCode Code { get; }

    /// <summary>One sentence for each violation; at least one.</summary>
    public IReadOnlyList<string> Violations { get; }
}
