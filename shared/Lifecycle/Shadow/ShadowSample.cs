using System.IO.Hashing;
using System.Text;
using Modeldrop.Names;

namespace Modeldrop.Lifecycle.Shadow;

/// <summary>Selects the logged requests that a shadow answers.</summary>
internal static class ShadowSample
{
    /// <summary>The hash of the id and the version decides: a different sample than the log's own, the same at every run.</summary>
    public static bool Includes(PredictionId id, int version, int percent) =>
        percent >= 100 || XxHash3.HashToUInt64(Encoding.ASCII.GetBytes(id.ToString()), version) % 100 < (ulong)percent;
}
