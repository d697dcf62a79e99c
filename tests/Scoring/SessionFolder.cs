using Modeldrop.Scoring.Sessions;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Scoring;

/// <summary>Loaded models in a separate folder, which is deleted with this object.</summary>
internal sealed class SessionFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("modeldrop-session-");

    public ModelSession Load(byte[] onnx, RunWatch? watch = null, Signature? declared = null, long ownRunBytes = 0)
    {
        string path = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.onnx");
        File.WriteAllBytes(path, onnx);
        return ModelSession.Load(path, settings: null, version: null, memoryBytes: 0, watch, declared, ownRunBytes);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
