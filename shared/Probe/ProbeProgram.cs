using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Errors;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tensors;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Probe;

/// <summary>
/// The child process: meets the untrusted model, so that nobody else has to. Reads <c>request.json</c> in its work folder and leaves
/// <c>result.json</c> and tensors there. The parent is <see cref="ProbeService"/>.
/// </summary>
public static class ProbeProgram
{
    /// <summary>First argument of the application that makes it this child instead of a host.</summary>
    public const string Argument = "probe";

    private const int Answered = 0;

    private const int Misused = 64;

    /// <param name="args">The work folder.</param>
    /// <returns>The exit code: 0 when <c>result.json</c> has been written, whatever it says.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [string folder] || !File.Exists(Path.Combine(folder, ProbeRequest.FileName)))
        {
            await Console.Error.WriteLineAsync("usage: probe <work folder>");
            return Misused;
        }

        ProbeRequest request = JsonSerializer.Deserialize<ProbeRequest>(await File.ReadAllBytesAsync(Path.Combine(folder, ProbeRequest.FileName)), StoredJson.Options)
            ?? throw new InvalidOperationException("The request is empty.");
        ChildLimits.Apply(request.MaxMemoryBytes, request.MaxOutputBytes);
        ChildLimits.EndWithParent();

        ProbeResult result = await AnswerAsync(request, folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, ProbeResult.FileName), JsonSerializer.SerializeToUtf8Bytes(result, StoredJson.Options));
        return Answered;
    }

    private static async Task<ProbeResult> AnswerAsync(ProbeRequest request, string folder)
    {
        string modelFolder = Path.GetDirectoryName(request.ModelPath)!;
        try
        {
            return request.Command switch
            {
                ProbeRequest.Inspect => Inspect(request.ModelPath),
                ProbeRequest.Score => await ProbeScorer.ScoreAsync(request, folder, CancellationToken.None),
                _ => throw new InvalidOperationException($"There is no command '{request.Command}'."),
            };
        }
        catch (OnnxRejectedException exception)
        {
            return new ProbeResult { Reasons = exception.Reasons };
        }
        catch (ServiceException exception)
        {
            return new ProbeResult { Reasons = exception.Violations };
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or OutOfMemoryException)
        {
            return new ProbeResult { Reasons = [$"ONNX Runtime cannot run the model: {OnnxRuntimeErrors.Describe(exception, modelFolder)}"] };
        }
        // The process boundary: whatever a hostile file makes of the code here is a finding about the file.
        catch (Exception exception)
        {
            return new ProbeResult { Reasons = [$"The model or its data cannot be read ({exception.GetType().Name}): {exception.Message}"] };
        }
    }

    private static ProbeResult Inspect(string path)
    {
        OnnxFile file = OnnxModelReader.Read(path);
        using ProbeSession session = ProbeSession.Load(path);
        return new ProbeResult
        {
            Inspection = new ModelInspection
            {
                Signature = session.Signature,
                Opsets = file.Opsets,
                Operators = file.Operators,
                IrVersion = file.IrVersion,
                Producer = file.Producer,
                Metadata = file.Metadata,
                Parameters = file.Parameters,
                Classes = file.Classes,
            },
            FirstRunFailure = FirstRun(session, Path.GetDirectoryName(path)!),
        };
    }

    /// <summary>One row of zeros and empty strings: whether the graph runs at all. A model may refuse such values, so that a failure alone rejects nothing.</summary>
    private static string? FirstRun(ProbeSession session, string folder)
    {
        try
        {
            session.Run([.. session.Signature.Inputs.Select(Zeros)]);
            return null;
        }
        catch (OnnxRuntimeException exception)
        {
            return OnnxRuntimeErrors.Describe(exception, folder);
        }
    }

    private static Tensor Zeros(TensorSpec spec)
    {
        long[] shape = [.. spec.Shape.Select(dimension => Math.Max(dimension, 1))];
        long count = Tensor.CountOf(shape);
        return spec.Datatype == Datatype.Bytes
            ? Tensor.OfStrings(spec.Name, shape, [.. Enumerable.Repeat("", (int)count)])
            : Tensor.OfBytes(spec.Name, spec.Datatype, shape, new byte[count * spec.Datatype.ElementBytes()]);
    }
}
