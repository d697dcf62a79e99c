using Modeldrop.Pages;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>The differences between two graphs.</summary>
/// <param name="Changes">One sentence for each change; empty if no compared property differs.</param>
public sealed record ModelDifference(
    long ParametersBefore, long Parameters, long FileBytesBefore, long FileBytes, IReadOnlyList<string> Changes)
{
    public static ModelDifference Between(ModelVersion before, ModelVersion after)
    {
        (ModelInspection old, ModelInspection now) = (before.Inspection, after.Inspection);
        List<string> changes =
        [
            .. Counts(old.Opsets, now.Opsets, "Operator set", "version "),
            .. Counts(
                old.Operators.ToDictionary(pair => pair.Key, pair => (long)pair.Value),
                now.Operators.ToDictionary(pair => pair.Key, pair => (long)pair.Value), "Operator", ""),
        ];
        Add(changes, "Parameters", old.Parameters, now.Parameters);
        Add(changes, "Bytes of the model file", BytesOf(before), BytesOf(after));
        if (old.Producer != now.Producer)
        {
            changes.Add($"Producer: '{old.Producer}' → '{now.Producer}'.");
        }

        if (!(old.Classes ?? []).SequenceEqual(now.Classes ?? []))
        {
            changes.Add($"Classes: {Names(old.Classes)} → {Names(now.Classes)}.");
        }

        return new ModelDifference(old.Parameters, now.Parameters, BytesOf(before), BytesOf(after), changes);
    }

    private static IEnumerable<string> Counts(
        IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after, string what, string unit)
    {
        foreach (string name in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            if (before.GetValueOrDefault(name) != after.GetValueOrDefault(name))
            {
                yield return $"{what} {name}: {Shown(before, name, unit)} → {Shown(after, name, unit)}.";
            }
        }
    }

    private static string Shown(IReadOnlyDictionary<string, long> counts, string name, string unit) =>
        counts.TryGetValue(name, out long count) ? unit + Figures.Count(count) : "none";

    private static void Add(List<string> changes, string what, long before, long after)
    {
        if (before != after)
        {
            changes.Add($"{what}: {Figures.Count(before)} → {Figures.Count(after)}.");
        }
    }

    private static long BytesOf(ModelVersion version) => version.FindFile(ModelVersion.ModelFile)?.Bytes ?? 0;

    private static string Names(IReadOnlyList<string>? classes) =>
        classes is null ? "not named" : string.Join(", ", classes.Take(10).Select(name => $"'{name}'"));
}
