namespace Modeldrop.LocalHost;

/// <summary>Functions of the app cannot run; the message names each of them and what is wrong with it.</summary>
public sealed class FunctionDiscoveryException(IReadOnlyList<string> errors)
    : Exception($"{errors.Count} {(errors.Count == 1 ? "error" : "errors")} in the functions of this app:{string.Concat(errors.Select(error => $"{Environment.NewLine}  * {error}"))}")
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
