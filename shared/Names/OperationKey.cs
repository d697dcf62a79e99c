using System.Text.RegularExpressions;

namespace Modeldrop.Names;

/// <summary>Ids of operations are folder names, header values and table columns. This class checks that an id suits all of them.</summary>
internal static partial class OperationKey
{
    /// <exception cref="ArgumentException">
    /// The id is not 1 to 128 letters, digits, <c>.</c>, <c>_</c>, <c>:</c>, <c>~</c>, <c>-</c>, which is a bug of the caller.
    /// </exception>
    public static string Check(string operation) =>
        Pattern().IsMatch(operation)
            ? operation
            : throw new ArgumentException($"'{operation}' is not the id of an operation.", nameof(operation));

    [GeneratedRegex(@"^[A-Za-z0-9$][A-Za-z0-9._:~-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
