using System.Globalization;
using Modeldrop.LocalHost.Durable.Replay;

namespace Modeldrop.LocalHost.Durable;

/// <summary>Ids of instances: what both a table key and Azure's own stores take.</summary>
internal static class InstanceIds
{
    private const int MaxChars = 100;

    public static bool IsValid(string instanceId) =>
        instanceId.Length is > 0 and <= MaxChars
        && instanceId[0] != '@'
        && !instanceId.Any(c => c is '/' or '\\' or '#' or '?' || char.IsControl(c));

    /// <exception cref="ArgumentException">The id cannot be stored.</exception>
    public static void Check(string instanceId)
    {
        ArgumentNullException.ThrowIfNull(instanceId);
        if (!IsValid(instanceId))
        {
            throw new ArgumentException(
                $"The instance id '{instanceId}' is not allowed: 1 to {MaxChars} characters, no '/', '\\', '#', '?' or control characters, no '@' in front.",
                nameof(instanceId));
        }
    }
}

/// <summary>Ids of starts: one start of one instance, whoever asks for it again.</summary>
internal static class StartIds
{
    /// <summary>The start id (and, by default, the instance id) of the sub-orchestration that the given task starts.</summary>
    public static string OfChild(string execution, int taskId) =>
        DeterministicGuid.Create(string.Create(CultureInfo.InvariantCulture, $"child:{execution}:{taskId}")).ToString("N");
}
