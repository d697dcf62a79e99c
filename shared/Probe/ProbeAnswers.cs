using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Probe;

/// <summary>Reads the answers of children, which nobody trusts: their size, number and content have bounds.</summary>
internal static class ProbeAnswers
{
    public const string NoAnswer = "The process that loaded the model left no readable answer.";

    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Whether the child has written an answer to the folder.</summary>
    public static bool IsIn(string folder) => File.Exists(PathIn(folder));

    /// <returns>The answer, or the reason why there is none.</returns>
    public static async Task<ProbeResult> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathIn(folder));
        if (!file.Exists || file.Length > MaxBytes)
        {
            return new ProbeResult { Reasons = [NoAnswer] };
        }

        try
        {
            await using FileStream stream = file.OpenRead();

            // Not by generated code, which would leave null what an untrusted child leaves out.
            ProbeResult? result = await JsonSerializer.DeserializeAsync<ProbeResult>(stream, StoredJson.Options, cancellationToken);
            return result is null ? new ProbeResult { Reasons = [NoAnswer] } : result with
            {
                Reasons = Bounded(result.Reasons),
                MissingFiles = result.MissingFiles ?? [],
                Companions = result.Companions is { DataFiles: not null } found
                    ? found with { Violations = Bounded(found.Violations) }
                    : null,
            };
        }
        catch (JsonException)
        {
            return new ProbeResult { Reasons = [NoAnswer] };
        }
    }

    private static string PathIn(string folder) => Path.Combine(folder, ProbeResult.FileName);

    /// <summary>Reasons are stored in the history of operations, so the child does not decide their number and length.</summary>
    private static IReadOnlyList<string> Bounded(IReadOnlyList<string>? reasons) =>
        ErrorText.Bounded([.. (reasons ?? []).Select(reason => reason ?? "")]);
}
