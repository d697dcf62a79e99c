using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Errors;
using Modeldrop.Scoring.Sessions;
using ErrorCode = Modeldrop.Errors.ErrorCode;

namespace Modeldrop.Probe.Child;

/// <summary>Explains in plain words why ONNX Runtime rejected a model.</summary>
internal static partial class OnnxRuntimeErrors
{
    private const int MaxLength = 600;

    /// <summary>Why a session could not be loaded or run: ONNX Runtime's message if there is one, otherwise the violations.</summary>
    public static IReadOnlyList<string> Reasons(ServiceException exception, string modelPath) =>
        exception.InnerException is not OnnxRuntimeException cause ? exception.Violations
        : exception.Code == ErrorCode.ModelLoadFailed ? [$"ONNX Runtime cannot load the model: {Describe(cause, modelPath)}"]
        : [$"ONNX Runtime cannot run the model: {Describe(cause, modelPath)}"];

    /// <param name="modelPath">The model file; its folder is removed from the message.</param>
    public static string Describe(Exception exception, string modelPath)
    {
        string folder = Path.GetDirectoryName(modelPath)!;
        string message = exception.Message.Replace(
            folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace(folder, "", StringComparison.Ordinal);
        if (UnknownOperator().Match(message) is { Success: true } unknown)
        {
            return $"Operator '{unknown.Groups["type"].Value}' is not known to ONNX Runtime {Version} in operator set "
                + $"{unknown.Groups["opset"].Value} of its domain.";
        }

        if (UnregisteredOperator().Match(message) is { Success: true } unregistered)
        {
            return $"Operator '{unregistered.Groups["type"].Value}' is not known to ONNX Runtime {Version}.";
        }

        if (NotImplemented().Match(message) is { Success: true } missing)
        {
            return $"ONNX Runtime {Version} has no implementation of operator '{missing.Groups["type"].Value}' for the types that the "
                + $"model uses.";
        }

        if (MissingLocale().Match(message) is { Success: true } locale)
        {
            return $"A StringNormalizer of the model needs the locale '{locale.Groups["name"].Value}', which this machine does not have. "
                + "Install it here, or convert the model without a locale.";
        }

        if (RunFailure.IsOutOfMemory(message) || exception is OutOfMemoryException)
        {
            return "The model needs more memory than the limit allows.";
        }

        message = Noise().Replace(message, "").Trim();
        return message.Length <= MaxLength ? message : string.Concat(message.AsSpan(0, MaxLength), "…");
    }

    internal static string Version { get; } = OrtEnv.Instance().GetVersionString();

    [GeneratedRegex(@"No Op registered for (?<type>\S+) with domain_version of (?<opset>\d+)")]
    private static partial Regex UnknownOperator();

    [GeneratedRegex(@"Fatal error: (?<type>\S+)\(-?\d+\) is not a registered function/op")]
    private static partial Regex UnregisteredOperator();

    [GeneratedRegex(@"Could not find an implementation for (?<type>[^\s(]+)")]
    private static partial Regex NotImplemented();

    [GeneratedRegex(@"Failed to construct locale with name:\s*(?<name>[^:\s]+)")]
    private static partial Regex MissingLocale();

    // Error codes, and the source file and C++ signature at the start of some messages.
    [GeneratedRegex(@"\[ErrorCode:\w+\]\s*|/onnxruntime_src/\S+:\d+\s.*?\)(\s\[with[^\]]*\])?\s(?=\S)")]
    private static partial Regex Noise();
}
