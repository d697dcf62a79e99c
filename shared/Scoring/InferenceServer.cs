using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Routing;
using Modeldrop.Scoring.Cache;
using Modeldrop.Tensors;
using Modeldrop.Wire;
using Modeldrop.Wire.OpenInference;

namespace Modeldrop.Scoring;

/// <summary>
/// The descriptive routes of the Open Inference Protocol: server, models, health. Each method writes its whole answer, including errors.
/// </summary>
public sealed partial class InferenceServer
{
    private const string Platform = "onnx_onnxv1";

    private const int MaxIndexBytes = 1 << 20;

    private readonly ServerMetadata _server = new("modeldrop", VersionText(), ["binary_tensor_data", "model_configuration", "statistics"]);
    private readonly TrafficRouter _router;
    private readonly SessionCache _sessions;
    private readonly IVersionSource _versions;
    private readonly ILogger<InferenceServer> _logger;

    public InferenceServer(
        TrafficRouter router, SessionCache sessions, IVersionSource versions, ILogger<InferenceServer> logger)
    {
        _router = router;
        _sessions = sessions;
        _versions = versions;
        _logger = logger;
    }

    /// <summary><c>GET /v2</c>.</summary>
    public Task WriteMetadataAsync(HttpContext http, CancellationToken cancellationToken) =>
        OipCodec.WriteJsonAsync(http, _server, cancellationToken);

    /// <summary><c>GET /v2/health/live</c>: succeeds while this process responds.</summary>
    public Task WriteLiveAsync(HttpContext http, CancellationToken cancellationToken) =>
        OipCodec.WriteJsonAsync(http, new ServerHealth(true, _router.IsReady), cancellationToken);

    /// <summary>
    /// <c>GET /v2/health/ready</c>: 503 until the registry has been read once. A later failure of the store does not affect requests.
    /// </summary>
    public Task WriteReadyAsync(HttpContext http, CancellationToken cancellationToken) =>
        OipCodec.WriteJsonAsync(http, Status(_router.IsReady), new ServerHealth(true, _router.IsReady), cancellationToken);

    /// <summary><c>GET /ping</c> and <c>/health</c> of MLflow's scoring protocol: like <see cref="WriteReadyAsync"/>.</summary>
    public Task WritePingAsync(HttpContext http, CancellationToken cancellationToken) =>
        WritePingAsync(http, _router.IsReady, cancellationToken);

    private static Task WritePingAsync(HttpContext http, bool ready, CancellationToken cancellationToken)
    {
        http.Response.StatusCode = Status(ready);
        http.Response.ContentType = OipCodec.Json;
        return http.Response.WriteAsync("\n", cancellationToken);
    }

    /// <summary><c>GET /version</c> of MLflow's scoring protocol: this server's version as plain text.</summary>
    public Task WriteVersionAsync(HttpContext http, CancellationToken cancellationToken)
    {
        http.Response.ContentType = "text/plain";
        return http.Response.WriteAsync(_server.Version, cancellationToken);
    }

    /// <summary><c>GET /v2/models</c>: the models that accept requests.</summary>
    /// <param name="sees">Which models the caller may see.</param>
    public Task WriteModelsAsync(HttpContext http, Func<ModelName, bool> sees, CancellationToken cancellationToken)
    {
        IEnumerable<string> names = _router.Current.Models.Where(model => model.Policy.Champion is not null && sees(model.Name))
            .Select(model => model.Head.Name.Value);
        return OipCodec.WriteJsonAsync(http, new ModelList([.. names]), cancellationToken);
    }

    /// <summary><c>GET /v2/models/{m}[/versions/{v}]</c>.</summary>
    public Task WriteModelAsync(HttpContext http, string model, string? versionOrAlias, CancellationToken cancellationToken) =>
        AnswerAsync(http, async () =>
        {
            ServedModel served = _router.GetModel(model);
            Route route = served.Resolve(versionOrAlias, null, draw: 0);
            ModelVersion version = await _versions.GetRegisteredAsync(route.Name, cancellationToken);
            Signature signature = version.Inspection.Signature;
            await OipCodec.WriteJsonAsync(http, new ModelMetadata(
                model,
                [.. served.Head.Versions.Where(entry => entry.Status.MayServe()).Select(entry => Text(entry.Number))],
                Platform,
                [.. signature.Inputs.Select(TensorMetadata.Of)],
                [.. signature.Outputs.Select(TensorMetadata.Of)]), cancellationToken);
        }, cancellationToken);

    /// <summary><c>GET /v2/models/{m}[/versions/{v}]/config</c>, in Triton's format.</summary>
    public Task WriteConfigAsync(HttpContext http, string model, string? versionOrAlias, CancellationToken cancellationToken) =>
        AnswerAsync(http, async () =>
        {
            Route route = _router.GetModel(model).Resolve(versionOrAlias, null, draw: 0);
            ModelVersion version = await _versions.GetRegisteredAsync(route.Name, cancellationToken);
            await OipCodec.WriteJsonAsync(http, ModelConfig.Of(model, Platform, version.Inspection.Signature), cancellationToken);
        }, cancellationToken);

    /// <summary>
    /// <c>GET /v2/models/{m}[/versions/{v}]/stats</c>, in Triton's format: of this process, and without a version of all serving versions.
    /// </summary>
    public Task WriteStatsAsync(HttpContext http, string model, string? versionOrAlias, CancellationToken cancellationToken) =>
        AnswerAsync(http, () =>
        {
            ServedModel served = _router.GetModel(model);
            int? version = versionOrAlias is null ? null : served.Resolve(versionOrAlias, null, draw: 0).Version.Number;
            return OipCodec.WriteJsonAsync(http, new ModelStatistics([.. StatisticsOf(served, version)]), cancellationToken);
        }, cancellationToken);

    /// <summary><c>GET /v2/models/stats</c>, as Triton has it: of this process, of all versions of all models that serve.</summary>
    /// <param name="sees">Which models the caller may see.</param>
    public Task WriteAllStatsAsync(HttpContext http, Func<ModelName, bool> sees, CancellationToken cancellationToken)
    {
        IEnumerable<VersionStatistics> statistics = _router.Current.Models.Where(model => sees(model.Name))
            .SelectMany(model => StatisticsOf(model, version: null));
        return OipCodec.WriteJsonAsync(http, new ModelStatistics([.. statistics]), cancellationToken);
    }

    /// <summary>
    /// <c>GET /v2/models/{m}[/versions/{v}]/ready</c>: 200 when a request would be accepted, 503 when it would not (yet), 404 for an
    /// unknown model or version. A version is ready before it is loaded, since the first request loads it, but not if the last attempt to
    /// load it failed.
    /// </summary>
    public Task WriteModelReadyAsync(HttpContext http, string model, string? versionOrAlias, CancellationToken cancellationToken) =>
        AnswerAsync(http, () =>
        {
            bool ready = IsModelReady(model, versionOrAlias);
            return OipCodec.WriteJsonAsync(http, Status(ready), new ModelReady(model, ready), cancellationToken);
        }, cancellationToken);

    /// <summary>
    /// <c>GET /models/{m}/ping</c> and <c>/health</c>, as in MLflow's single-model server: like <see cref="WriteModelReadyAsync"/>.
    /// </summary>
    public Task WriteModelPingAsync(HttpContext http, string model, CancellationToken cancellationToken) =>
        AnswerAsync(http, () => WritePingAsync(http, IsModelReady(model, versionOrAlias: null), cancellationToken), cancellationToken);

    /// <summary>
    /// <c>POST /v2/repository/index</c>: every version of every model; with <c>{"ready": true}</c> in the body only the serving ones.
    /// </summary>
    /// <param name="sees">Which models the caller may see.</param>
    public Task WriteIndexAsync(HttpContext http, Func<ModelName, bool> sees, CancellationToken cancellationToken) =>
        AnswerAsync(http, async () =>
        {
            bool readyOnly = await ReadReadyOnlyAsync(http, cancellationToken);
            IEnumerable<RepositoryEntry> entries = _router.Current.Models.Where(model => sees(model.Name)).SelectMany(
                model => model.Head.Versions.Select(version => Entry(model.Name, version)));
            await OipCodec.WriteJsonAsync(http, entries.Where(entry => entry.IsReady || !readyOnly).ToArray(), cancellationToken);
        }, cancellationToken);

    private bool IsModelReady(string model, string? versionOrAlias)
    {
        try
        {
            Route route = _router.Resolve(model, versionOrAlias, null, draw: 0);
            return _sessions.FindFailure(route.Name) is null;
        }
        catch (ServiceException exception) when (exception.Code == ErrorCode.VersionNotReady)
        {
            return false;
        }
    }

    private async Task<bool> ReadReadyOnlyAsync(HttpContext http, CancellationToken cancellationToken)
    {
        using PooledBuffer body = await RequestBody.ReadAsync(http.Request, MaxIndexBytes, _sessions.Watch.Budget, cancellationToken);
        if (body.Length == 0)
        {
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body.Memory);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("ready", out JsonElement ready)
                && ready.ValueKind == JsonValueKind.True;
        }
        catch (JsonException exception)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, "The body must be empty or a JSON object.", exception);
        }
    }

    private RepositoryEntry Entry(ModelName model, VersionEntry version)
    {
        string? failure = _sessions.FindFailure(new VersionName(model, version.Number));
        string reason = !version.Status.MayServe() ? version.Status.ToString() : failure ?? "";
        return new RepositoryEntry(model.Value, Text(version.Number), reason.Length == 0 ? "READY" : "UNAVAILABLE", reason);
    }

    private async Task AnswerAsync(HttpContext http, Func<Task> answer, CancellationToken cancellationToken)
    {
        try
        {
            await answer();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !http.Response.HasStarted)
        {
            if (await OipCodec.WriteErrorAsync(http, exception, cancellationToken))
            {
                Log.Bug(_logger, http.Request.Path, TraceIds.Of(http), exception);
            }
        }
    }

    private static int Status(bool ready) => ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);

    private static string VersionText() => typeof(InferenceServer).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <param name="version">Null: all that serve.</param>
    private IEnumerable<VersionStatistics> StatisticsOf(ServedModel served, int? version) => served.Head.Versions
        .Where(entry => version is null ? entry.Status.MayServe() : entry.Number == version)
        .Select(entry => StatisticsOf(
            served.Name.Value, Text(entry.Number), _sessions.Meters.RunsOf(new VersionName(served.Name, entry.Number))));

    private static VersionStatistics StatisticsOf(string model, string version, RunCounts counts) => new(
        model, version, counts.LastAnswerMs, counts.Rows, counts.Runs,
        new InferenceStatistics(
            new DurationStatistics(counts.Answers, counts.AnswerNs),
            new DurationStatistics(counts.Failures, 0),
            new DurationStatistics(counts.Answers, counts.AnswerNs - counts.RunNs),
            new DurationStatistics(counts.Answers, 0),
            new DurationStatistics(counts.Answers, counts.RunNs),
            new DurationStatistics(counts.Answers, 0),
            new DurationStatistics(0, 0),
            new DurationStatistics(0, 0)));

    private static partial class Log
    {
        [LoggerMessage(3050, LogLevel.Error, "Unexpected error at {Path}, trace {Trace}")]
        public static partial void Bug(ILogger logger, string path, string trace, Exception exception);
    }
}
