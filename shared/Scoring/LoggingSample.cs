using Modeldrop.Manifests;
using Modeldrop.Names;

namespace Modeldrop.Scoring;

/// <summary>Decides which requests are logged.</summary>
internal static class LoggingSample
{
    /// <summary>Depends only on the prediction's id: the id shows whether there is a record, without reading the log.</summary>
    public static bool Includes(LoggingPolicy policy, PredictionId id) =>
        policy.Mode != LoggingMode.Off && (policy.Sample >= 1 || Fraction(id) < policy.Sample);

    /// <summary>
    /// Uniform over 0 to 1, although ids are consecutive: the finaliser of SplitMix64 (Steele, Lea, Flood 2014) over both halves.
    /// </summary>
    private static double Fraction(PredictionId id)
    {
        ulong high = ((ulong)id.ModelHash << 32) | id.Hour;
        ulong low = ((ulong)id.Writer << 32) | id.Sequence;
        return (Mix(low ^ Mix(high)) >> 11) * (1.0 / (1UL << 53));
    }

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
