namespace Modeldrop.LocalHost;

/// <summary>The app cannot start, for a reason that its user can mend; the message is all that he needs.</summary>
internal sealed class StartFailure(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Says why on standard error and ends the process with exit code 1.</summary>
    public void Exit()
    {
        Console.Error.WriteLine(Message);
        Environment.Exit(1);
    }
}
