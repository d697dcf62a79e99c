namespace Modeldrop.Errors;

/// <summary>A failure that a caller is told about, by its <see cref="ErrorCode"/>; anything else that is thrown is a bug.</summary>
public sealed class ServiceException : Exception
{
    public ServiceException(ErrorCode code, string detail, Exception? cause = null)
        : this(cause, code, ErrorText.Bounded([detail]))
    {
    }

    /// <summary>Reports everything that is wrong at once, within the bounds of <see cref="ErrorText"/>.</summary>
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

    public ErrorCode Code { get; }

    /// <summary>One sentence for each thing that is wrong; at least one.</summary>
    public IReadOnlyList<string> Violations { get; }
}
