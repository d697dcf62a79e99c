using System.Text.Json;
using Microsoft.Extensions.Logging;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Probe;

/// <summary>Runs requests in children: each in its turn, and in a child that has stayed for it if there is one.</summary>
internal sealed class ProbeRunner(ProbeOptions options, string root, TimeProvider clock, ILogger logger) : IDisposable
{
    /// <summary>While one child computes, another drop is between its inspection and its validation.</summary>
    private const int KeptPerChild = 2;

    private readonly ProbeProcess _process = new(options, clock, logger);
    private readonly ProbeTurns _turns = new(options.Children);
    private readonly KeptChildren _kept = new(options.Children * KeptPerChild, clock);

    /// <summary>Number of children that stay for the next request of their operation.</summary>
    public int Kept => _kept.Count;

    /// <param name="operation">The operation whose child stays after the answer, or has stayed for this request; null: none.</param>
    public async Task<ProbeResult> RunAsync(
        WorkFolder work, ProbeRequest request, CancellationToken cancellationToken, ProbePriority priority = ProbePriority.Operation,
        OperationId? operation = null)
    {
        if (!File.Exists(request.ModelPath))
        {
            return new ProbeResult { Reasons = [$"There is no {ModelVersion.ModelFile}."] };
        }

        byte[] text = JsonSerializer.SerializeToUtf8Bytes(request, ProbeJson.Options);
        await File.WriteAllBytesAsync(Path.Combine(work.Path, ProbeRequest.FileName), text, cancellationToken);
        bool alone = request.Scorings.Any(scoring => scoring.Alone);
        await _turns.EnterAsync(priority, alone, cancellationToken);
        try
        {
            return await RunChildAsync(work.Path, request, operation, cancellationToken);
        }
        finally
        {
            _turns.Leave(alone);
        }
    }

    /// <summary>Runs the request in the child that has stayed for the operation, else in a new one.</summary>
    /// <returns>Its answer; or the reason why there is none.</returns>
    private async Task<ProbeResult> RunChildAsync(
        string workFolder, ProbeRequest request, OperationId? operation, CancellationToken cancellationToken)
    {
        if (!request.Stays && operation is { } awaited && _kept.Take(awaited) is { } kept)
        {
            await using ProbeChild child = kept;
            child.Send(workFolder);
            long start = clock.GetTimestamp();
            string? failure = await _process.WaitAsync(child, workFolder, request, cancellationToken);

            // It still had memory of the inspection: only the failure of a new child is the model's.
            if (failure is null || clock.GetElapsedTime(start) >= options.Timeout)
            {
                return await AnswerAsync(failure, workFolder, cancellationToken);
            }
        }

        ProbeChild? started = await _process.StartAsync(workFolder, WorkFolder.Create(root));
        try
        {
            string? reason = await _process.WaitAsync(started, workFolder, request, cancellationToken);
            ProbeResult result = await AnswerAsync(reason, workFolder, cancellationToken);
            if (request.Stays && operation is { } owner && !result.HasFindings
                && await started.ResidentBytesAsync() <= KeptChildren.MaxBytes)
            {
                _kept.Keep(owner, started);
                started = null;
            }

            return result;
        }
        finally
        {
            if (started is not null)
            {
                await started.DisposeAsync();
            }
        }
    }

    private static Task<ProbeResult> AnswerAsync(string? failure, string workFolder, CancellationToken cancellationToken) => failure is null
        ? ProbeAnswers.ReadAsync(workFolder, cancellationToken)
        : Task.FromResult(new ProbeResult { Reasons = [failure] });

    public void Dispose()
    {
        _turns.Dispose();
        _kept.Dispose();
    }
}
