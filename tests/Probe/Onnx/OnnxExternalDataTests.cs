using Modeldrop.Probe.Onnx;

namespace Modeldrop.Tests.Probe.Onnx;

/// <summary>External weights: where they may be, and whether they exist.</summary>
public sealed class OnnxExternalDataTests
{
    [Theory]
    [InlineData("../../etc/passwd", "outside of the model's folder")]
    [InlineData("/etc/passwd", "outside of the model's folder")]
    [InlineData("sub/../../weights.bin", "outside of the model's folder")]
    [InlineData("..\\weights.bin", "outside of the model's folder")]
    [InlineData("C:\\weights.bin", "outside of the model's folder")]
    [InlineData("*/_ORT_MEM_ADDR_/*", "missing")]
    [InlineData("", "not a file name")]
    [InlineData("a\0b", "not a file name")]
    [InlineData("absent.bin", "missing")]
    [InlineData("link.bin", "symbolic link")]
    [InlineData("linked/weights.bin", "symbolic link")]
    [InlineData("short.bin", "has 4 bytes, but 8 bytes at 0 are declared")]
    public void Read_ExternalDataMissing_IsRefused(string location, string expected)
    {
        using var folder = new TemporaryFolder();
        folder.Write("weights.bin", new byte[8]);
        folder.Write("short.bin", new byte[4]);
        File.CreateSymbolicLink(Path.Combine(folder.Path, "link.bin"), Path.Combine(folder.Path, "weights.bin"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "linked"), folder.Path);

        Assert.Contains(
            expected, Assert.Single(OnnxModelReaderTests.Reasons(OnnxBytes.External(location), folder)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, 8L, "has 8 bytes, but 8 bytes at 8 are declared")]
    [InlineData(0, 4L, "4 bytes are declared, but its shape takes 8")]
    [InlineData(long.MaxValue, 8L, "has 8 bytes")]
    public void Read_ExternalDataOutOfRange_IsRefused(long offset, long length, string expected)
    {
        using var folder = new TemporaryFolder();
        folder.Write("weights.bin", new byte[8]);

        Assert.Contains(
            expected, OnnxModelReaderTests.Reasons(OnnxBytes.External("weights.bin", offset, length), folder)[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("./weights.bin", new[] { "weights.bin" })]
    [InlineData("sub/weights.bin", new string[0])]
    [InlineData("../weights.bin", new string[0])]
    public void Read_ExternalDataThatMayStillArrive_IsNamed(string location, string[] missing)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("model.onnx", OnnxBytes.External(location));

        Assert.Equal(missing, Assert.Throws<OnnxRejectedException>(() => OnnxModelReader.Read(path)).MissingFiles);
    }

    [Fact]
    public void Read_ExternalDataMissingAndOtherErrors_IsNotWorthWaitingFor()
    {
        using var folder = new TemporaryFolder();
        byte[] model = OnnxBytes.Model(graph =>
        {
            graph.Field(1, OnnxBytes.Node("Frob", "com.example", "x", "y"));
            graph.Field(5, OnnxBytes.ExternalTensor("weights.bin"));
        });
        string path = folder.Write("model.onnx", model);

        OnnxRejectedException refused = Assert.Throws<OnnxRejectedException>(() => OnnxModelReader.Read(path));
        Assert.Equal((2, 0), (refused.Reasons.Count, refused.MissingFiles.Count));
    }

    [Fact]
    public void Read_ExternalDataBesideTheModel_IsAccepted()
    {
        using var folder = new TemporaryFolder();
        folder.Write("sub/weights.bin", new byte[8]);

        OnnxFile file = OnnxModelReader.Read(folder.Write("model.onnx", OnnxBytes.External("./sub/weights.bin")));

        Assert.Equal(2, file.Parameters);
        Assert.Equal(["sub/weights.bin"], file.ExternalFiles);
    }
}
