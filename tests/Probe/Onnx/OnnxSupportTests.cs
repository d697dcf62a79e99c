using Microsoft.ML.OnnxRuntime;
using Modeldrop.Probe.Onnx;

namespace Modeldrop.Tests.Probe.Onnx;

/// <summary>The stated limits are those of the shipped ONNX Runtime: it loads a model at each limit and refuses one above it.</summary>
public sealed class OnnxSupportTests
{
    public static TheoryData<string, long> Opsets => [.. OnnxSupport.MaxOpsets.Select(pair => (pair.Key, pair.Value))];

    [Theory]
    [MemberData(nameof(Opsets))]
    public void MaxOpsets_EqualThoseOfOnnxRuntime(string domain, long newest)
    {
        Assert.True(Loads(Model(domain, newest)));
        Assert.False(Loads(Model(domain, newest + 1)));
    }

    [Fact]
    public void MaxIrVersion_EqualsThatOfOnnxRuntime()
    {
        Assert.True(Loads(OnnxBytes.OneNode("Identity", irVersion: OnnxSupport.MaxIrVersion)));
        Assert.False(Loads(OnnxBytes.OneNode("Identity", irVersion: OnnxSupport.MaxIrVersion + 1)));
    }

    private static byte[] Model(string domain, long version) => domain == OnnxSupport.DefaultDomain
        ? OnnxBytes.OneNode("Identity", "", 8, 2, ("", version))
        : OnnxBytes.OneNode("Identity", "", 8, 2, ("", 13), (domain, version));

    private static bool Loads(byte[] model)
    {
        try
        {
            using var session = new InferenceSession(model);
            return true;
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
    }
}
