namespace Modeldrop.Standalone.Hosting;

/// <summary>The program cannot start, for a reason that its user can fix. The message says how.</summary>
internal sealed class StartFailure(string message, Exception? innerException = null) : Exception(message, innerException);
