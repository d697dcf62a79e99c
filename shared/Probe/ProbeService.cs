using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Manifests;
using Modeldrop.Metrics.TwoSample;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Scoring;
using Modeldrop.Signing;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Probe;

/// <summary>
/// Inspects and scores untrusted models in child processes. Whatever the model does, the outcome is an answer or reasons in words.
/// </summary>
public sealed class ProbeService : IHostedService, IDisposable
{
    private readonly ProbeOptions _options;
    private readonly ScoringOptions _scoring;
    private readonly TimeProvider _clock;
    private readonly ProbeRunner _runner;
    private readonly string _root;

    public ProbeService(IOptions<ProbeOptions> options, IOptions<ScoringOptions> scoring, TimeProvider clock, ILogger<ProbeService> logger)
    {
        _options = options.Value;
        _scoring = scoring.Value;
        _clock = clock;
        _root = string.IsNullOrEmpty(_options.WorkRoot) ? Path.Combine(Path.GetTempPath(), "modeldrop-probe") : _options.WorkRoot;
        _runner = new ProbeRunner(_options, _root, clock, logger);
    }

    /// <summary>Number of children that stay for the validation of their drop.</summary>
    internal int Kept => _runner.Kept;

    /// <summary>
    /// Checks and describes the model in <paramref name="modelFolder"/> (<c>model.onnx</c> with its external data, as dropped).
    /// </summary>
    public Task<InspectionOutcome> InspectAsync(string modelFolder, CancellationToken cancellationToken) =>
        InspectAsync(Request(ProbeRequest.Inspect, modelFolder), cancellationToken);

    /// <summary>
    /// Inspects the model, and also reads the data files and golden examples beside it, since a damaged file can occupy its reader for
    /// ever.
    /// </summary>
    /// <param name="manifest">Null: there is no readable manifest.</param>
    /// <param name="operation">The drop's operation, for which the child stays if it finds nothing wrong; null: it ends.</param>
    public Task<InspectionOutcome> InspectDropAsync(
        string modelFolder, Manifest? manifest, CancellationToken cancellationToken, OperationId? operation = null) =>
        InspectAsync(Request(ProbeRequest.Inspect, modelFolder) with
        {
            Stays = operation is not null,
            WithCompanions = true,
            Inputs = (manifest ?? new Manifest()).Inputs,
            Labels = LabelChoice.Of(manifest ?? new Manifest()),
        }, cancellationToken, operation);

    /// <summary>Scores rows and golden examples with the model in <paramref name="modelFolder"/>.</summary>
    /// <param name="declared">The registered signature; null: there is none.</param>
    public async Task<ScoreOutcome> ScoreAsync(
        string modelFolder, ScoreRequest scoring, CancellationToken cancellationToken, Signature? declared = null)
    {
        using ProbeScores scores = await ScoreAsync(modelFolder, [scoring], declared, cancellationToken);
        return scores.Read(0);
    }

    /// <summary>Runs several scorings in one child, which starts and loads the model once.</summary>
    /// <remarks>
    /// The outcomes equal those of one child per scoring: if a child ends before its first result, the first scoring is the cause, and a
    /// scoring that was interrupted after others gets a new child.
    /// </remarks>
    /// <param name="operation">The operation whose inspection opened the same bytes: its child is used, if it has stayed.</param>
    internal async Task<ProbeScores> ScoreAsync(
        string modelFolder, IReadOnlyList<ScoreRequest> scorings, Signature? declared, CancellationToken cancellationToken,
        OperationId? operation = null)
    {
        var scores = new ProbeScores(_options.MaxOutputBytes);
        try
        {
            while (scores.Count < scorings.Count)
            {
                WorkFolder work = scores.Keep(WorkFolder.Create(_root));
                ScoreRequest[] left = [.. scorings.Skip(scores.Count).Select(Absolute)];
                ProbeResult end = await _runner.RunAsync(
                    work, Request(ProbeRequest.Score, modelFolder) with { Scorings = left, Declared = declared }, cancellationToken,
                    operation: operation);
                int ended = 0;
                for (; ended < left.Length && ProbeAnswers.IsIn(ProbeRequest.ScoringFolder(work.Path, ended)); ended++)
                {
                    string folder = ProbeRequest.ScoringFolder(work.Path, ended);
                    scores.Add(folder, await ProbeAnswers.ReadAsync(folder, cancellationToken));
                }

                if (ended == 0)
                {
                    scores.Add(work.Path, end);
                }
                else if (ended == left.Length && end.Reasons.Count > 0)
                {
                    scores.Refuse(end);
                }
            }

            return scores;
        }
        catch
        {
            scores.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Scores logged records one by one, each like its original request, with the model in <paramref name="modelFolder"/>.
    /// </summary>
    public async Task<ReplayOutcome> ReplayAsync(
        string modelFolder, Signature declared, IReadOnlyList<IReadOnlyList<Tensor>> records, ProbePriority priority,
        CancellationToken cancellationToken)
    {
        using WorkFolder work = WorkFolder.Create(_root);
        RecordFile.WriteInputs(Path.Combine(work.Path, RecordFile.InputsFile), records);
        ProbeResult result = await _runner.RunAsync(
            work, Request(ProbeRequest.Replay, modelFolder) with { Declared = declared }, cancellationToken, priority);
        if (result.Reasons.Count > 0)
        {
            return new ReplayOutcome([], result.Reasons);
        }

        try
        {
            IReadOnlyList<ReplayedRecord> replayed = RecordFile.ReadOutputs(
                Path.Combine(work.Path, RecordFile.OutputsFile), _options.MaxOutputBytes);
            return replayed.Count == records.Count ? new ReplayOutcome(replayed, []) : new ReplayOutcome([], [ProbeAnswers.NoAnswer]);
        }
        // As above: the child's files are no more trustworthy than the model.
        catch (Exception exception) when (exception is InvalidDataException or IOException or ArgumentOutOfRangeException)
        {
            return new ReplayOutcome([], [ProbeAnswers.NoAnswer]);
        }
    }

    /// <summary>Reads a data file without a model.</summary>
    /// <returns>The file, or all violations in it.</returns>
    public async Task<CompanionFindings> ReadDatasetAsync(string path, CancellationToken cancellationToken)
    {
        using WorkFolder work = WorkFolder.Create(_root);
        ProbeResult result = await _runner.RunAsync(
            work, Request(ProbeRequest.Dataset, "") with { ModelPath = Path.GetFullPath(path) }, cancellationToken, ProbePriority.Asked);
        return result switch
        {
            { Reasons.Count: > 0 } => new CompanionFindings([], result.Reasons),
            { Companions: { } found } when found.DataFiles.Count == 1 || found.Violations.Count > 0 => found,
            _ => new CompanionFindings([], [ProbeAnswers.NoAnswer]),
        };
    }

    /// <summary>Trains a classifier to distinguish two samples.</summary>
    /// <returns>Null when there are too few rows.</returns>
    public async Task<TwoSampleResult?> CompareAsync(TwoSampleFile samples, CancellationToken cancellationToken)
    {
        using WorkFolder work = WorkFolder.Create(_root);
        string path = Path.Combine(work.Path, TwoSampleFile.FileName);
        samples.Write(path);
        ProbeResult result = await _runner.RunAsync(work, Request(ProbeRequest.Compare, "") with { ModelPath = path }, cancellationToken);
        return result.Reasons.Count == 0 ? result.Comparison : throw new InvalidOperationException(string.Join(" ", result.Reasons));
    }

    /// <summary>Verifies signatures. Neither the files nor the signatures are trusted.</summary>
    public async Task<SignatureVerification> VerifyAsync(SignatureRequest request, CancellationToken cancellationToken)
    {
        using WorkFolder work = WorkFolder.Create(_root);
        string path = Path.Combine(work.Path, SignatureRequest.FileName);
        await File.WriteAllBytesAsync(path, JsonSerializer.SerializeToUtf8Bytes(request, ProbeJson.Options), cancellationToken);
        ProbeResult result = await _runner.RunAsync(work, Request(ProbeRequest.Verify, "") with { ModelPath = path }, cancellationToken);
        return result switch
        {
            { Reasons.Count: > 0 } => new SignatureVerification([], result.Reasons),
            { Signatures: { } findings } when findings.Count == request.Signatures.Count => new SignatureVerification(findings, []),
            _ => new SignatureVerification([], [ProbeAnswers.NoAnswer]),
        };
    }

    /// <summary>A folder for files to inspect or score. It is deleted by Dispose, or at the next start after a kill.</summary>
    internal WorkFolder CreateFolder() => WorkFolder.Create(_root);

    /// <summary>Deletes the work folders of killed processes.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        WorkFolder.DeleteStale(_root, _clock);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _runner.Dispose();

    private async Task<InspectionOutcome> InspectAsync(
        ProbeRequest request, CancellationToken cancellationToken, OperationId? operation = null)
    {
        using WorkFolder work = WorkFolder.Create(_root);
        ProbeResult result = await _runner.RunAsync(work, request, cancellationToken, operation: operation);
        CompanionFindings? companions = result.Companions;
        return result switch
        {
            { Reasons.Count: > 0 } => new InspectionOutcome(null, result.Reasons, companions) { MissingFiles = result.MissingFiles },
            { Inspection: { } inspection } when companions is not null
                || !request.WithCompanions => new InspectionOutcome(inspection, [], companions),
            _ => new InspectionOutcome(null, [ProbeAnswers.NoAnswer]),
        };
    }

    private ProbeRequest Request(string command, string modelFolder) => new()
    {
        Command = command,
        ModelPath = Path.GetFullPath(Path.Combine(modelFolder, ModelVersion.ModelFile)),
        Limits = new TableLimits(_options.MaxRows, _options.MaxCells),
        MaxMemoryBytes = _options.MaxMemoryBytes,
        MaxOutputBytes = _options.MaxOutputBytes,
        MaxRunBytes = _scoring.RunBytes,
        MaxModelBytes = Math.Min(_scoring.ModelBytes, _options.MaxMemoryBytes),
    };

    private static ScoreRequest Absolute(ScoreRequest scoring) => scoring with
    {
        DataFile = scoring.DataFile is { } data ? Path.GetFullPath(data) : null,
        ReferenceFile = scoring.ReferenceFile is { } reference ? Path.GetFullPath(reference) : null,
        ExamplesFile = scoring.ExamplesFile is { } examples ? Path.GetFullPath(examples) : null,
    };
}
