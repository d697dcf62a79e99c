using System.Diagnostics;
using Modeldrop.Errors;
using Modeldrop.Probe.Onnx;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tensors;

namespace Modeldrop.Probe.Child;

/// <summary>Scores logged records in the child, each like its original request: alone, and first checked against the signature.</summary>
internal static class ProbeReplayer
{
    public static ProbeResult Replay(ProbeRequest request, string folder)
    {
        OnnxFile file = OnnxModelReader.Read(request.ModelPath);
        using ModelSession session = ModelSession.Load(request.ModelPath, declared: request.Declared, ownRunBytes: file.OwnRunBytes);
        session.WarmUp();
        RecordFile.WriteOutputs(
            Path.Combine(folder, RecordFile.OutputsFile),
            RecordFile.ReadInputs(Path.Combine(folder, RecordFile.InputsFile)).Select(inputs => Score(session, inputs, request.ModelPath)));
        return new ProbeResult();
    }

    private static ReplayedRecord Score(ModelSession session, IReadOnlyList<Tensor> inputs, string modelPath)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            IReadOnlyList<Tensor> normal = TensorValidation.Normalize(session.Signature, inputs);
            start = Stopwatch.GetTimestamp();
            return new ReplayedRecord(session.Run(normal), null, Stopwatch.GetElapsedTime(start));
        }
        catch (ServiceException exception)
        {
            return new ReplayedRecord(
                null, string.Join(" ", OnnxRuntimeErrors.Reasons(exception, modelPath)), Stopwatch.GetElapsedTime(start));
        }
    }
}
