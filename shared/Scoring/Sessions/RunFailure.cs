using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Errors;
using Modeldrop.Tensors;
using ErrorCode = Modeldrop.Errors.ErrorCode;

namespace Modeldrop.Scoring.Sessions;

/// <summary>Determines who caused the failure of a run.</summary>
/// <remarks>
/// Only versions that validation has scored serve, and inputs are first checked against the signature. If a node still fails, the usual
/// cause is a value that the graph cannot process: an unknown category, an index out of range, a length that does not fit a reshape. This
/// is the caller's error (400); if the inputs have different numbers of rows, the message lists them. A failure that no input explains (an
/// operator without an implementation, a broken graph) is the model's (500). A lack of memory is the platform's, and the same request may
/// succeed later (503).
/// </remarks>
internal static partial class RunFailure
{
    /// <param name="inputs">The inputs of the run.</param>
    public static ServiceException Translate(OnnxRuntimeException exception, IReadOnlyList<Tensor> inputs)
    {
        string message = exception.Message;
        if (IsOutOfMemory(message))
        {
            return new ServiceException(ErrorCode.MemoryExhausted,
                "The model requested more memory than is now free for runs. "
                + "Send fewer rows, or smaller values if they are sizes, or try again.",
                exception);
        }

        // A graph may accept inputs of different lengths. This one did not.
        Tensor[] withRows = [.. inputs.Where(input => input.Shape.Length > 0)];
        if (InputCaused().IsMatch(message) && withRows.DistinctBy(input => input.Shape[0]).Count() > 1)
        {
            string rows = string.Join(", ", withRows.Take(ErrorText.MaxItems).Select(
                input => string.Create(CultureInfo.InvariantCulture, $"'{input.Name}' has {input.Shape[0]}")));
            string detail =
                $"The inputs have different numbers of rows, which this model cannot score: {rows}. Send the same "
                    + "number of rows for each input.";
            return new ServiceException(ErrorCode.InvalidTensor, detail, exception);
        }

        return InputCaused().IsMatch(message)
            ? new ServiceException(ErrorCode.InvalidTensor, $"The model cannot score this input: {Reason(message)}", exception)
            : new ServiceException(ErrorCode.ScoringFailed, $"The model failed: {Reason(message)}", exception);
    }

    public static bool IsOutOfMemory(string message) => OutOfMemory().IsMatch(message);

    /// <summary>ONNX Runtime's message, without error code, node address and source file.</summary>
    public static string Reason(string message)
    {
        string reason = Preamble().Replace(message, "").Trim();
        reason = SourcePlace().Replace(reason, "").Trim();
        return reason.Length == 0 ? "no reason given." : reason;
    }

    [GeneratedRegex(@"^\[ErrorCode:(InvalidArgument|Fail|RuntimeException)\]", RegexOptions.CultureInvariant)]
    private static partial Regex InputCaused();

    [GeneratedRegex("bad_alloc|[Ff]ailed to allocate|out of memory|Available memory of", RegexOptions.CultureInvariant)]
    private static partial Regex OutOfMemory();

    [
        GeneratedRegex(
            @"^(\[ErrorCode:\w+\]\s*)?(Non-zero status code returned while running .*?Status Message:\s*)?",
            RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Preamble();

    // "/build/core/providers/cpu/x.cc:41 virtual Status Gather::Compute(OpKernelContext*) const …"
    [
        GeneratedRegex(
            @"(?:[A-Za-z]:)?[\\/][^\s:]*\.(?:cc|h|cpp):\d+\s+(?:[^\n]*?\)(?:\s*const)?(?:\s*\[[^\]]*\])?\s+)?",
            RegexOptions.CultureInvariant)]
    private static partial Regex SourcePlace();
}
