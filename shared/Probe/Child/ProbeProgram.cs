using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Metrics.TwoSample;
using Modeldrop.Probe.Onnx;
using Modeldrop.Registry;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Signing;
using Modeldrop.Tensors;

namespace Modeldrop.Probe.Child;

/// <summary>
/// The child process, which isolates the untrusted model. Reads <c>request.json</c> in its work folder and writes <c>result.json</c> and
/// tensors there. The parent is <see cref="ProbeService"/>.
/// </summary>
public static class ProbeProgram
{
    /// <summary>First argument that makes the application this child instead of a host.</summary>
    public const string Argument = ProbeProcess.Argument;

    private const int Answered = 0;

    private const int Misused = 64;

    /// <param name="args">The work folder. If its request stays, standard input names the next one.</param>
    /// <returns>The exit code: 0 when <c>result.json</c> has been written, whatever its content.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [string folder] || !File.Exists(Path.Combine(folder, ProbeRequest.FileName)))
        {
            await Console.Error.WriteLineAsync("usage: probe <work folder>");
            return Misused;
        }

        ProbeRequest request = Read(folder);
        ChildLimits.Apply(request.MaxMemoryBytes, request.MaxOutputBytes);
        using var parent = new ParentLine();
        RunMemory.Limit(request.MaxRunBytes);
        while (true)
        {
            ProbeResult result = await AnswerAsync(request, folder);
            await WriteAsync(folder, result);
            if (!request.Stays || result.HasFindings)
            {
                return Answered;
            }

            folder = parent.Next();
            request = Read(folder);
        }
    }

    private static ProbeRequest Read(string folder) =>
        JsonSerializer.Deserialize<ProbeRequest>(File.ReadAllBytes(Path.Combine(folder, ProbeRequest.FileName)), ProbeJson.Options)
            ?? throw new InvalidOperationException("The request is empty.");

    /// <summary>Writes an answer to a folder: complete, or not at all if the process is killed meanwhile.</summary>
    internal static async Task WriteAsync(string folder, ProbeResult result)
    {
        string path = Path.Combine(folder, ProbeResult.FileName);
        await File.WriteAllBytesAsync($"{path}.part", JsonSerializer.SerializeToUtf8Bytes(result, ProbeJson.Options));
        File.Move($"{path}.part", path, overwrite: true);
    }

    private static Task<ProbeResult> AnswerAsync(ProbeRequest request, string folder) => request.Command switch
    {
        ProbeRequest.Inspect => InspectAsync(request, folder),
        ProbeRequest.Score => ReasonsAsync(request.ModelPath, () => ProbeScorer.ScoreAsync(request, folder, CancellationToken.None)),
        ProbeRequest.Replay => ReasonsAsync(request.ModelPath, () => Task.FromResult(ProbeReplayer.Replay(request, folder))),
        ProbeRequest.Dataset => ReadDatasetAsync(request, folder),
        ProbeRequest.Verify => VerifyAsync(request),
        ProbeRequest.Compare =>
            Task.FromResult(new ProbeResult { Comparison = TwoSampleFile.Read(Path.Combine(folder, TwoSampleFile.FileName))
            .Run(TimeProvider.System) }),
        _ => throw new InvalidOperationException($"There is no command '{request.Command}'."),
    };

    private static async Task<ProbeResult> InspectAsync(ProbeRequest request, string folder)
    {
        ProbeResult result = await ReasonsAsync(request.ModelPath, () => Task.FromResult(Inspect(request)));
        if (!request.WithCompanions)
        {
            return result;
        }

        // Last, and with the model closed: problems with a data file must not be attributed to the model, and each has all the memory.
        var companions = new CompanionReader(Path.GetDirectoryName(request.ModelPath)!, folder, request.Limits);
        CompanionFindings found = await companions.ReadAsync(result.Inspection?.Signature, request.Labels, CancellationToken.None);
        return result with
        {
            Companions = found,
            Inspection = result.Inspection is { } inspection ? inspection with { Signature = companions.Signature! } : null,
        };
    }

    private static async Task<ProbeResult> VerifyAsync(ProbeRequest request)
    {
        byte[] text = await File.ReadAllBytesAsync(request.ModelPath);
        SignatureRequest asked = JsonSerializer.Deserialize<SignatureRequest>(text, ProbeJson.Options)!;
        return new ProbeResult
        {
            Signatures = [.. asked.Signatures.Select(signature => SignatureVerifier.Verify(signature, asked.Trust))],
        };
    }

    private static async Task<ProbeResult> ReadDatasetAsync(ProbeRequest request, string folder) => new()
    {
        Companions = await new CompanionReader(
            Path.GetDirectoryName(request.ModelPath)!, folder, request.Limits).ReadDatasetAsync(request.ModelPath, CancellationToken.None),
    };

    /// <summary>Converts the exceptions that a model causes to reasons.</summary>
    internal static async Task<ProbeResult> ReasonsAsync(string modelPath, Func<Task<ProbeResult>> answer)
    {
        try
        {
            return await answer();
        }
        catch (OnnxRejectedException exception)
        {
            return new ProbeResult { Reasons = exception.Reasons, MissingFiles = exception.MissingFiles };
        }
        catch (ServiceException exception)
        {
            return new ProbeResult { Reasons = OnnxRuntimeErrors.Reasons(exception, modelPath) };
        }
        catch (OutOfMemoryException exception)
        {
            return new ProbeResult { Reasons = [OnnxRuntimeErrors.Describe(exception, modelPath)] };
        }
        // The process boundary: any exception that a hostile file causes is a finding about the file.
        catch (Exception exception)
        {
            return new ProbeResult { Reasons = [$"The model or its data cannot be read ({exception.GetType().Name}): "
                + $"{exception.Message}"] };
        }
    }

    private static ProbeResult Inspect(ProbeRequest request)
    {
        string path = request.ModelPath;
        OnnxFile file = OnnxModelReader.Read(path);
        ModelMemory memory = ModelMemory.Begin();
        using ModelSession session = ModelSession.Load(
            path, declared: InputColumns.Declare(request.Inputs), ownRunBytes: file.OwnRunBytes);
        Signature signature = file.Complete(session.Signature);
        if (InputColumns.Problems(signature, request.Inputs) is { Count: > 0 } problems)
        {
            return new ProbeResult { Reasons = problems };
        }

        ServiceException? firstRun = session.WarmUp();
        long bytes = memory.Peak();
        if (bytes > request.MaxModelBytes)
        {
            throw new ServiceException(ErrorCode.ModelLoadFailed, ModelMemory.TooMuch(bytes, request.MaxModelBytes));
        }

        // A model may reject zeros and empty strings, so a failure alone rejects nothing. If memory is insufficient here, it will be when
        // serving too.
        return firstRun is { Code: ErrorCode.MemoryExhausted } ? throw firstRun : new ProbeResult
        {
            Inspection = new ModelInspection
            {
                Signature = signature,
                Opsets = file.Opsets,
                Operators = file.Operators,
                IrVersion = file.IrVersion,
                Producer = file.Producer,
                Metadata = file.Metadata,
                Parameters = file.Parameters,
                MemoryBytes = bytes,
                ExternalFiles = file.ExternalFiles,
                Classes = file.Classes is { } classes ? session.InColumnOrder(classes) : null,
            },
        };
    }
}
