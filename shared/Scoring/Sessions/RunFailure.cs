using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Errors;
using Modeldrop.Tensors;
using ErrorCode = Modeldrop.Errors.ErrorCode;

namespace Modeldrop.Scoring.Sessions;

/// <summary>Says whose fault it is that a graph did not run to its end.</summary>
/// <remarks>
/// Only versions that have been scored at validation serve, and inputs are checked against the signature first. What is left when a
/// node gives up is a value that the graph cannot take: an unknown category, an index out of range, a length that does not fit a reshape.
/// That is the caller's (400); where the inputs have different numbers of rows, these are named. What no input explains (an operator
/// without implementation, a broken graph) is the model's (500);
/// memory that ran out is the platform's, and the same request may succeed later (503).
/// </remarks>
internal static partial class RunFailure
{
    /// <param name="inputs">Of the run.</param>
    public static ServiceException Translate(OnnxRuntimeException exception, IReadOnlyList<Tensor> inputs)
    {
        string message = exception.Message;
        if (IsOutOfMemory(message))
        {
            return new ServiceException(ErrorCode.MemoryExhausted,
                "The model asked for more memory than runs have here now. "
                + "Send fewer rows, or smaller values if they are sizes, or try again.",
                exception);
        }

        // A graph may take inputs of different length. This one did not.
        Tensor[] withRows = [.. inputs.Where(input => input.Shape.Length > 0)];
        if (InputCaused().IsMatch(message) && withRows.DistinctBy(input => input.Shape[0]).Count() > 1)
        {
            string rows = string.Join(", ", withRows.Take(ErrorText.MaxItems).Select(
                input => string.Create(CultureInfo.InvariantCulture, $"'{input.Name}' has {input.Shape[0]}")));
            string detail =
                $"The inputs have different numbers of rows, which this model cannot score: {rows}. Send as many rows for each input.";
            return new ServiceException(ErrorCode.InvalidTensor, detail, exception);
        }

        return InputCaused().IsMatch(message)
            ? new ServiceException(ErrorCode.InvalidTensor, $"The model cannot score this input: {Reason(message)}", exception)
            : new ServiceException(ErrorCode.ScoringFailed, $"The model failed: {Reason(message)}", exception);
    }

    public static bool IsOutOfMemory(string message) => OutOfMemory().IsMatch(message);

    /// <summary>What ONNX Runtime says, without error code, node address and source file.</summary>
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
