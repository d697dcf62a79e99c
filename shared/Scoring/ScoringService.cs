using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Errors;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Scoring;

/// <summary>Scores requests: bytes, tensors, one run, bytes; and a copy for the log, which nobody waits for.</summary>
public sealed class ScoringService(
    TrafficRouter router, SessionCache sessions, VersionStore versions, PredictionLog log, IOptions<ScoringOptions> options, TimeProvider clock)
{
    private const string PredictionHeader = "x-prediction-id";

    /// <summary>Answers an inference request of the Open Inference Protocol.</summary>
    /// <param name="versionOrAlias">Null: the traffic policy picks.</param>
    /// <exception cref="ServiceException">Everything that is wrong with the request, or why the model does not serve.</exception>
    public async Task InferAsync(HttpContext http, string model, string? versionOrAlias, CancellationToken cancellationToken)
    {
        DateTimeOffset receivedAt = clock.GetUtcNow();
        Route route = router.Current.Resolve(model, versionOrAlias);
        byte[] body = await RequestBodyReader.ReadAsync(http.Request, options.Value.MaxRequestBytes, cancellationToken);
        InferRequest request = InferRequestReader.Read(body, options.Value.MaxTensorElements);

        using SessionLease lease = await sessions.UseAsync(route.Model, route.Version, cancellationToken);
        IReadOnlyList<Tensor> inputs = CheckRequest(lease.Session.Signature, request);
        long started = clock.GetTimestamp();
        IReadOnlyList<Tensor> outputs = Run(lease.Session, inputs, route);
        TimeSpan duration = clock.GetElapsedTime(started);

        PredictionId? prediction = await LogAsync(route, request, inputs, outputs, receivedAt, duration, cancellationToken);
        if (prediction is { } id)
        {
            http.Response.Headers[PredictionHeader] = id.ToString();
        }

        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = "application/json";
        InferResponseWriter.Write(http.Response.BodyWriter, route, request, outputs, prediction);
        await http.Response.BodyWriter.FlushAsync(cancellationToken);
    }

    private static IReadOnlyList<Tensor> CheckRequest(Signature signature, InferRequest request)
    {
        var violations = new List<string>();
        IReadOnlyList<Tensor> inputs = InputCheck.Fit(signature, request.Inputs, violations);
        foreach (string output in request.Outputs ?? [])
        {
            if (signature.FindOutput(output) is null)
            {
                violations.Add($"The model has no output '{output}'; it has {string.Join(", ", signature.Outputs.Select(known => known.Name))}.");
            }
        }

        return violations.Count == 0 ? inputs : throw new ServiceException(ErrorCode.InvalidTensor, violations);
    }

    // The version has scored valid data at its validation: what it refuses now, it refuses for these values.
    private static IReadOnlyList<Tensor> Run(ModelSession session, IReadOnlyList<Tensor> inputs, Route route)
    {
        try
        {
            return session.Run(inputs);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ServiceException(ErrorCode.InvalidTensor,
                $"Version {route.Version.Version} of '{route.Model}' cannot score these values: {FirstLine(exception.Message)}", exception);
        }
    }

    private async ValueTask<PredictionId?> LogAsync(
        Route route, InferRequest request, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs, DateTimeOffset receivedAt, TimeSpan duration, CancellationToken cancellationToken)
    {
        // In memory after the first request of a version.
        ModelVersion version = await versions.GetAsync(route.Model, route.Version.Version, cancellationToken);
        LoggingPolicy logging = version.Manifest.Logging;
        if (logging.Mode == LoggingMode.Off)
        {
            return null;
        }

        PredictionId id = log.NextId(route.Model);
        if (!IsSampled(id, logging.Sample))
        {
            return null;
        }

        bool taken = log.Append(new ScoredRequest
        {
            Id = id,
            Model = route.Model,
            Version = route.Version.Version,
            ModelSha256 = route.Version.ModelSha256,
            Alias = route.Alias,
            RequestId = request.Id,
            ReceivedAt = receivedAt,
            EventTime = request.EventTime ?? receivedAt,
            Duration = duration,
            MaxRecordBytes = logging.MaxRecordBytes,
            Inputs = inputs,
            Outputs = outputs,
        });
        return taken ? id : null;
    }

    // By the id, so that the decision can be made again from the id alone.
    private static bool IsSampled(PredictionId id, double share) =>
        share >= 1 || (uint)((id.Writer ^ id.Sequence) * 2654435761u) / (double)uint.MaxValue < share;

    private static string FirstLine(string text) => text.Split('\n', 2)[0];
}
