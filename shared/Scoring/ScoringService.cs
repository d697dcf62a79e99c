using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Routing;
using Modeldrop.Scoring.Cache;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Telemetry;
using Modeldrop.Tensors;
using Modeldrop.Wire;
using Modeldrop.Wire.Mlflow;
using Modeldrop.Wire.OpenInference;

namespace Modeldrop.Scoring;

/// <summary>Scores requests: decode, route, check, run, log, encode. Thread-safe.</summary>
public sealed partial class ScoringService
{
    /// <summary>The response header with the prediction's id.</summary>
    public const string PredictionIdHeader = "x-prediction-id";

    private const int MaxLoggedError = 1000;

    private readonly TrafficRouter _router;
    private readonly SessionCache _sessions;
    private readonly IPredictionSink _log;
    private static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _clock;
    private readonly ILogger<ScoringService> _logger;
    private readonly ScoringOptions _options;

    public ScoringService(
        TrafficRouter router, SessionCache sessions, IPredictionSink log, IOptions<ScoringOptions> options, TimeProvider clock,
        ILogger<ScoringService> logger)
    {
        _router = router;
        _sessions = sessions;
        _log = log;
        _options = options.Value;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Answers an inference request of the Open Inference Protocol, including errors.</summary>
    /// <param name="versionOrAlias">From the path; null: the traffic policy picks.</param>
    /// <remarks>
    /// 400 with all violations of the request; 404 for an unknown or rejected version; 413; 415; 503 while the version, the registry or
    /// memory is unavailable; 500 only when no input could have succeeded.
    /// </remarks>
    public async Task InferAsync(HttpContext http, string model, string? versionOrAlias, CancellationToken cancellationToken)
    {
        try
        {
            DateTimeOffset receivedAt = _clock.GetUtcNow();

            // Checked first, to avoid reading 100 MB for a model that does not exist.
            ServedModel served = _router.GetModel(model);
            using var memory = new RequestMemory(_sessions.Watch.Budget);
            InferRequest request = await OipCodec.ReadAsync(http.Request, _options.MaxRequestBytes, memory, cancellationToken);
            Scored scored = await ScoreAsync(http, served, versionOrAlias, request, receivedAt, memory, cancellationToken);
            using var buffer = new PooledBuffer(1024, memory.Budget);
            await memory.EnterAsync(BytesOf(scored.Rows.Outputs), cancellationToken);
            int? jsonBytes = OipResponseWriter.Write(buffer, new InferResponse
            {
                ModelName = scored.Route.Model.Value,
                ModelVersion = scored.Route.Version.Number,
                Id = request.Id,
                PredictionId = scored.PredictionId,
                Alias = scored.Route.Alias,
                VersionDigest = scored.Route.Version.Digest,
                Routing = request.ExplainRouting ? served.Explain(versionOrAlias, request.RoutingKey, scored.Draw, scored.Route) : null,
                Outputs = request.Select(scored.Rows.Outputs),
            });
            memory.Leave();
            await OipCodec.SendAsync(http, buffer, jsonBytes, _options.CompressFromBytes, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !http.Response.HasStarted)
        {
            Report(http, model, exception, isBug: await OipCodec.WriteErrorAsync(http, exception, cancellationToken));
        }
    }

    /// <summary>
    /// Answers <c>/models/{m}/invocations</c> of MLflow's scoring protocol, including errors; the traffic policy picks the version.
    /// </summary>
    public async Task InvokeAsync(HttpContext http, string model, CancellationToken cancellationToken)
    {
        try
        {
            DateTimeOffset receivedAt = _clock.GetUtcNow();
            ServedModel served = _router.GetModel(model);
            using var memory = new RequestMemory(_sessions.Watch.Budget);
            InvocationRequest request = await InvocationReader.ReadAsync(http.Request, _options.MaxRequestBytes, memory, cancellationToken);
            Scored scored = await ScoreAsync(http, served, versionOrAlias: null, request, receivedAt, memory, cancellationToken);
            using var buffer = new PooledBuffer(1024, memory.Budget);
            await memory.EnterAsync(BytesOf(scored.Rows.Outputs), cancellationToken);
            InvocationWriter.Write(buffer, scored.Signature, scored.Rows, request.IsFrame);
            memory.Leave();
            await OipCodec.SendAsync(http, buffer, jsonBytes: null, _options.CompressFromBytes, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !http.Response.HasStarted)
        {
            Report(
                http, model, exception,
                isBug: await OipCodec.WriteErrorAsync(http, exception, InvocationWriter.WriteError, cancellationToken));
        }
    }

    /// <summary>Scores tensors on a version without logging. For batches, replay and comparison.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidTensor"/> with all violations; and the errors of <see cref="SessionCache.GetAsync"/> and
    /// <see cref="ModelSession.Run(IReadOnlyList{Tensor})"/>.
    /// </exception>
    public async Task<ScoredRows> ScoreAsync(
        ModelName model, VersionEntry version, IReadOnlyList<Tensor> inputs, CancellationToken cancellationToken)
    {
        using LoadedVersion loaded = await _sessions.GetAsync(model, version, cancellationToken);
        ModelSession session = loaded.Session;
        return Run(session, TensorValidation.Normalize(session.Signature, inputs), cancellationToken);
    }

    private void Report(HttpContext http, string model, Exception exception, bool isBug)
    {
        if (isBug)
        {
            Log.Bug(_logger, model, TraceIds.Of(http), exception);
        }
        else if (exception is ServiceException { Code: ErrorCode.ScoringFailed })
        {
            Log.ScoringFailed(_logger, model, exception);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Scored> ScoreAsync(
        HttpContext http,
        ServedModel served,
        string? versionOrAlias,
        IScoringRequest request,
        DateTimeOffset receivedAt,
        RequestMemory memory,
        CancellationToken cancellationToken)
    {
        long started = _clock.GetTimestamp();
        CheckEventTime(request, receivedAt);
        PredictionId id = _log.NextId(served.Name);
        ulong draw = ((ulong)id.Writer << 32) | id.Sequence;
        Route route = served.Resolve(versionOrAlias, request.RoutingKey, draw);
        using Activity? activity = ServiceTelemetry.Activities.StartActivity("score");
        activity?.SetTag(ServiceTelemetry.ModelTag, route.Model.Value).SetTag(ServiceTelemetry.VersionTag, route.Version.Number);
        try
        {
            using LoadedVersion loaded = await _sessions.GetAsync(route.Model, route.Version, cancellationToken);
            ModelSession session = loaded.Session;
            string predictionId = id.ToString();
            activity?.SetTag("prediction_id", predictionId);
            http.Response.Headers[PredictionIdHeader] = predictionId;

            LoggingPolicy logging = session.Version!.Manifest.Logging;
            bool isLogged = LoggingSample.Includes(logging, id);
            IReadOnlyList<Tensor> inputs = [];
            ScoredRows rows;
            try
            {
                await memory.EnterAsync(memory.Held, cancellationToken);
                inputs = request.InputsFor(session.Signature);
                memory.Leave();
                rows = await loaded.Queue.RunAsync(inputs, route.Version.BatchInvariant == true, memory, cancellationToken);
            }
            catch (ServiceException exception) when (isLogged && exception.Code is ErrorCode.InvalidTensor or ErrorCode.ScoringFailed)
            {
                _log.Append(
                    Record(
                        id, route, request, receivedAt, logging,
                        new ScoredRows(inputs, [], TimeSpan.Zero)) with { Error = Shortened(exception.Message) });
                throw;
            }

            if (isLogged && logging.Mode == LoggingMode.Durable)
            {
                await _log.AppendDurablyAsync(Record(id, route, request, receivedAt, logging, rows), cancellationToken);
            }
            else if (isLogged)
            {
                // The log counts the records that it must drop.
                _log.Append(Record(id, route, request, receivedAt, logging, rows));
            }

            // Counted only now: if a durable record cannot be stored, the request fails instead.
            route.Meter?.Answered(rows.Duration);
            _sessions.Meters.Answered(route, receivedAt, _clock.GetElapsedTime(started), rows.Duration);
            return new Scored(route, predictionId, draw, session.Signature, rows);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !IsCallers(exception))
        {
            route.Meter?.Failed();
            _sessions.Meters.Failed(route, receivedAt);
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw;
        }
    }

    /// <summary>Windows by event time end at the present: no check would count a later event.</summary>
    private static void CheckEventTime(IScoringRequest request, DateTimeOffset receivedAt)
    {
        if (request.EventTime > receivedAt + MaxAhead)
        {
            throw new ServiceException(ErrorCode.InvalidRequest,
                $"parameters.event_time {request.EventTime.Value.UtcDateTime:O} is in the future: it is {receivedAt.UtcDateTime:O} now, "
                + $"and at most {MaxAhead.TotalMinutes:0} minutes ahead are accepted, for clocks that differ.");
        }
    }

    private static ScoredRequest Record(
        PredictionId id, Route route, IScoringRequest request, DateTimeOffset receivedAt, LoggingPolicy logging, ScoredRows rows) => new()
    {
        Id = id,
        Model = route.Model,
        Version = route.Version.Number,
        ModelSha256 = route.Version.ModelSha256,
        Alias = route.Alias,
        RequestId = request.Id,
        ReceivedAt = receivedAt,
        EventTime = request.EventTime ?? receivedAt,
        Duration = rows.Duration,
        Sample = logging.Sample,
        MaxRecordBytes = logging.MaxRecordBytes,
        Inputs = rows.Inputs,
        Outputs = rows.Outputs,
    };

    private static long BytesOf(IReadOnlyList<Tensor> outputs)
    {
        long bytes = 0;
        for (int index = 0; index < outputs.Count; index++)
        {
            bytes += outputs[index].Bytes;
        }

        return bytes;
    }

    private static string Shortened(string text) => text.Length <= MaxLoggedError ? text : text[..MaxLoggedError];

    /// <param name="Draw">The number that decided without a routing key.</param>
    private readonly record struct Scored(Route Route, string PredictionId, ulong Draw, Signature Signature, ScoredRows Rows);

    private static bool IsCallers(Exception exception) =>
        exception is ServiceException { Code: var code } && ErrorTable.Get(code).Fault == Fault.Caller;

    private ScoredRows Run(ModelSession session, IReadOnlyList<Tensor> inputs, CancellationToken cancellationToken)
    {
        long started = _clock.GetTimestamp();
        IReadOnlyList<Tensor> outputs = session.Run(inputs, new RunCall(cancellationToken));
        return new ScoredRows(inputs, outputs, _clock.GetElapsedTime(started));
    }

    private static partial class Log
    {
        [LoggerMessage(3040, LogLevel.Error, "Unexpected error in a request for '{Model}', trace {Trace}")]
        public static partial void Bug(ILogger logger, string model, string trace, Exception exception);

        [LoggerMessage(3041, LogLevel.Error, "'{Model}' failed during scoring")]
        public static partial void ScoringFailed(ILogger logger, string model, Exception exception);
    }
}
