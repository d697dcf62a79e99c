using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;

namespace Modeldrop.Predictions;

/// <summary>
/// The environment that determines the bits of a score, besides model and input: ONNX Runtime's version, operating system, architecture,
/// vector instructions.
/// </summary>
public static class EnvironmentFingerprint
{
    private static readonly Lazy<string> Value = new(Read);

    /// <summary>The fingerprint of this process: <c>ort=1.31.1;os=linux;arch=x64;cpu=avx2+fma+avx512f</c>.</summary>
    public static string Current => Value.Value;

    private static string Read()
    {
        (string Name, bool Supported)[] features =
        [
            ("avx", Avx.IsSupported),
            ("avx2", Avx2.IsSupported),
            ("fma", Fma.IsSupported),
            ("avx512f", Avx512F.IsSupported),
            ("avx512bw", Avx512BW.IsSupported),
            ("avx512vbmi", Avx512Vbmi.IsSupported),
            ("avxvnni", AvxVnni.IsSupported),
            ("neon", AdvSimd.Arm64.IsSupported),
            ("dotprod", Dp.Arm64.IsSupported),
        ];
        string os = OperatingSystem.IsLinux()
            ? "linux"
            : OperatingSystem.IsWindows()
            ? "windows"
            : OperatingSystem.IsMacOS()
            ? "macos"
            : "other";
        string architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        string cpu = string.Join('+', features.Where(feature => feature.Supported).Select(feature => feature.Name));
        return $"ort={OrtEnv.Instance().GetVersionString()};os={os};arch={architecture};cpu={cpu}";
    }
}
