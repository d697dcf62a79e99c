using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Scoring;

/// <summary>Rows that were scored in-process.</summary>
/// <param name="Inputs">As the model got them: in its order and rank.</param>
/// <param name="Outputs">All outputs, in the model's order.</param>
/// <param name="Duration">Time in the model.</param>
public sealed record ScoredRows(IReadOnlyList<Tensor> Inputs, IReadOnlyList<Tensor> Outputs, TimeSpan Duration);

/// <summary>Scores requests: decode, route, check, run, log, encode. Thread-safe.</summary>
public sealed partial class ScoringService
{
    /// <summary>The response header with the prediction's id.</summary>
    public const string PredictionIdHeader = "x-prediction-id";

    private readonly TrafficRouter _router;
    private readonly SessionCache _sessions;
    private readonly PredictionSink _log;
    private readonly TimeProvider _clock;
    private readonly ILogger<ScoringService> _logger;
    private readonly ScoringOptions _options;

    public ScoringService(
        TrafficRouter router, SessionCache sessions, PredictionLog log, IOptions<ScoringOptions> options, TimeProvider clock, ILogger<ScoringService> logger)
        : this(router, sessions, PredictionSink.Of(log), options.Value, clock, logger)
    {
    }

    internal ScoringService(
        TrafficRouter router, SessionCache sessions, PredictionSink log, ScoringOptions options, TimeProvider clock, ILogger<ScoringService> logger)
    {
        _router = router;
        _sessions = sessions;
        _log = log;
        _options = options;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Answers an inference request of the Open Inference Protocol, errors included.</summary>
    /// <param name="versionOrAlias">From the path; null: the traffic policy picks.</param>
    /// <remarks>
    /// 400 for whatever is wrong with the request, all at once; 404 for an unknown or rejected version; 413; 415; 503 while the version,
    /// the registry or memory is not there; 500 only where no input could have helped.
    /// </remarks>
    public async Task InferAsync(HttpContext http, string model, string? versionOrAlias, CancellationToken cancellationToken)
    {
        try
        {
            await AnswerAsync(http, model, versionOrAlias, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !http.Response.HasStarted)
        {
            if (await OipCodec.WriteErrorAsync(http, exception, cancellationToken))
            {
                Log.Bug(_logger, model, exception);
            }
            else if (exception is ServiceException { Code: ErrorCode.ScoringFailed })
            {
                Log.ScoringFailed(_logger, model, exception);
            }
        }
    }

    /// <summary>Scores tensors on a version; nothing is logged. For batches, replay and comparison.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidTensor"/> with all violations, or what <see cref="SessionCache.GetAsync"/> and <see cref="ModelSession.Run"/> say.
    /// </exception>
    public async Task<ScoredRows> ScoreAsync(ModelName model, VersionEntry version, IReadOnlyList<Tensor> inputs, CancellationToken cancellationToken)
    {
        using ModelSession session = await _sessions.GetAsync(model, version, cancellationToken);
        return Run(session, TensorValidation.Normalize(session.Signature, inputs));
    }

    private async Task AnswerAsync(HttpContext http, string model, string? versionOrAlias, CancellationToken cancellationToken)
    {
        DateTimeOffset receivedAt = _clock.GetUtcNow();

        // A model that does not exist is not worth reading 100 MB for.
        ServedModel served = _router.GetModel(model);
        InferRequest request = await OipCodec.ReadAsync(http.Request, _options.MaxRequestBytes, cancellationToken);
        PredictionId id = _log.NextId(served.Name);
        Route route = served.Resolve(versionOrAlias, request.RoutingKey, draw: ((ulong)id.Writer << 32) | id.Sequence);
        try
        {
            await ScoreAsync(http, request, route, id, receivedAt, cancellationToken);
        }
        catch (Exception exception) when (route.Meter is { } meter && !cancellationToken.IsCancellationRequested && !IsCallers(exception))
        {
            meter.Failed();
            throw;
        }
    }

    private async Task ScoreAsync(
        HttpContext http, InferRequest request, Route route, PredictionId id, DateTimeOffset receivedAt, CancellationToken cancellationToken)
    {
        using ModelSession session = await _sessions.GetAsync(route.Model, route.Version, cancellationToken);
        ScoredRows rows = await session.Queue!.RunAsync(Check(request, session.Signature), route.Version.BatchInvariant == true, cancellationToken);
        route.Meter?.Answered(rows.Duration);
        if (LoggingSample.Includes(session.Version!.Manifest.Logging, id))
        {
            // The log counts what it has to drop.
            _log.Append(new ScoredRequest
            {
                Id = id,
                Model = route.Model,
                Version = route.Version.Version,
                ModelSha256 = route.Version.ModelSha256,
                Alias = route.Alias,
                RequestId = request.Id,
                ReceivedAt = receivedAt,
                EventTime = request.EventTime ?? receivedAt,
                Duration = rows.Duration,
                MaxRecordBytes = session.Version.Manifest.Logging.MaxRecordBytes,
                Inputs = rows.Inputs,
                Outputs = rows.Outputs,
            });
        }

        string predictionId = id.ToString();
        http.Response.Headers[PredictionIdHeader] = predictionId;
        var response = new InferResponse
        {
            ModelName = route.Model.Value,
            ModelVersion = route.Version.Version,
            Id = request.Id,
            PredictionId = predictionId,
            Alias = route.Alias,
            Outputs = Select(request, rows.Outputs),
        };
        await OipCodec.WriteAsync(http, response, _options.CompressFromBytes, cancellationToken);
    }

    private static bool IsCallers(Exception exception) => exception is ServiceException { Code: var code } && ErrorTable.Get(code).Fault == Fault.Caller;

    private ScoredRows Run(ModelSession session, IReadOnlyList<Tensor> inputs)
    {
        long started = _clock.GetTimestamp();
        IReadOnlyList<Tensor> outputs = session.Run(inputs);
        return new ScoredRows(inputs, outputs, _clock.GetElapsedTime(started));
    }

    /// <summary>Everything that is wrong with the request, of form and of content, in one answer.</summary>
    private static IReadOnlyList<Tensor> Check(InferRequest request, Signature signature)
    {
        if (request.RawInput is { } raw)
        {
            return [RawInput.Read(signature, raw)];
        }

        List<string> violations = [.. request.Violations];
        IReadOnlyList<Tensor> inputs = TensorValidation.Normalize(signature, request.Inputs, request.UnreadableInputs, violations);
        CheckOutputs(request, signature, violations);
        if (violations.Count > 0)
        {
            throw new ServiceException(ErrorCode.InvalidTensor, violations);
        }

        return inputs;
    }

    private static void CheckOutputs(InferRequest request, Signature signature, List<string> violations)
    {
        if (request.Outputs is not { } requested)
        {
            return;
        }

        for (int i = 0; i < requested.Count; i++)
        {
            string name = requested[i].Name;
            if (signature.FindOutput(name) is null && name.Length > 0)
            {
                violations.Add($"The model has no output '{name}'; it has {string.Join(", ", signature.Outputs.Select(output => $"'{output.Name}'"))}.");
            }

            for (int j = 0; j < i; j++)
            {
                if (requested[j].Name == name && name.Length > 0)
                {
                    violations.Add($"Output '{name}' is asked for more than once.");
                    break;
                }
            }
        }
    }

    /// <summary>The outputs that were asked for, in that order; all when none was named.</summary>
    private static OutputTensor[] Select(InferRequest request, IReadOnlyList<Tensor> outputs)
    {
        int count = request.Outputs is { Count: > 0 } named ? named.Count : outputs.Count;
        var selected = new OutputTensor[count];
        for (int i = 0; i < count; i++)
        {
            if (request.Outputs is not { Count: > 0 } requested)
            {
                selected[i] = new OutputTensor(outputs[i], request.BinaryOutput);
                continue;
            }

            for (int j = 0; j < outputs.Count; j++)
            {
                if (outputs[j].Name == requested[i].Name)
                {
                    selected[i] = new OutputTensor(outputs[j], requested[i].Binary);
                }
            }
        }

        return selected;
    }

    private static partial class Log
    {
        [LoggerMessage(3040, LogLevel.Error, "A request for '{Model}' met a bug")]
        public static partial void Bug(ILogger logger, string model, Exception exception);

        [LoggerMessage(3041, LogLevel.Error, "'{Model}' failed while it scored")]
        public static partial void ScoringFailed(ILogger logger, string model, Exception exception);
    }
}
