namespace Modeldrop.Standalone.Emulator;

/// <summary>The storage emulator cannot be installed or started. The message says what to do.</summary>
public sealed class EmulatorException(string message, Exception? innerException = null) : Exception(message, innerException);
