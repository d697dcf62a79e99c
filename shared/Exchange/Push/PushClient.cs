using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Exchange.Bundles;
using Modeldrop.Names;

namespace Modeldrop.Exchange.Push;

/// <summary>Calls other installations: sends a bundle and polls its progress. Follows no redirect.</summary>
public sealed class PushClient : IDisposable
{
    private const int MaxAnswerBytes = 1 << 20;
    private const int MaxReasons = 20;
    private const int MaxReasonChars = 500;
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(30);

    private readonly PushTargets _targets;
    private readonly BundleExport _export;
    private readonly TimeSpan _pushTimeout;
    private readonly HttpClient _http;

    public PushClient(PushTargets targets, BundleExport export, IOptions<ExchangeOptions> options)
    {
        _targets = targets;
        _export = export;
        _pushTimeout = options.Value.PushTimeout;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = AskTimeout };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxAnswerBytes };
    }

    /// <summary>Sends the bundle. A repeated call returns the operation that the first one started.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>: try again later.</exception>
    public async Task<PushedBundle> SendAsync(PushStepInput input, CancellationToken cancellationToken)
    {
        PushInput push = input.Push;
        BundlePlan plan;
        try
        {
            plan = await _export.PlanAsync(push.Name, push.WithData, cancellationToken);
        }
        catch (ServiceException exception) when (ErrorTable.Get(exception.Code).Fault == Fault.Caller)
        {
            return new PushedBundle(null, string.Join(" ", exception.Violations));
        }

        using var body = new BundleContent(_export, plan);
        using HttpRequestMessage request = Request(HttpMethod.Post, push.Target, $"api/bundles?model={push.As}");
        request.Content = body;
        request.Headers.ExpectContinue = true;
        request.Headers.Add("Idempotency-Key", KeyOf(input.Operation));
        (HttpStatusCode status, string answer) = await AskAsync(request, push.Target, _pushTimeout, cancellationToken);
        if (status != HttpStatusCode.Accepted)
        {
            return new PushedBundle(null, $"'{push.Target}' answered {(int)status}: {DetailOf(answer)}");
        }

        string? there = TryParse(answer) is { } json ? Text(json, "operation") : null;
        return there is { Length: <= 200 }
            ? new PushedBundle(there, null)
            : new PushedBundle(null, $"'{push.Target}' answered without an operation; is it a Modeldrop installation?");
    }

    /// <summary>Polls the operation at the other installation. If that one cannot be reached, the operation counts as running.</summary>
    public async Task<PushState> AskAsync(FollowPushInput input, CancellationToken cancellationToken)
    {
        string target = input.Push.Target;
        try
        {
            using HttpRequestMessage request = Request(
                HttpMethod.Get, target, $"api/operations/{Uri.EscapeDataString(input.There)}");
            (HttpStatusCode status, string answer) = await AskAsync(request, target, AskTimeout, cancellationToken);
            return status == HttpStatusCode.OK && TryParse(answer) is { } operation
                ? StateOf(operation)
                : new PushState("unknown", "unknown", null, [$"'{target}' answered {(int)status}: {DetailOf(answer)}"]);
        }
        catch (ServiceException exception) when (exception.Code == ErrorCode.StoreUnavailable)
        {
            return new PushState(null, $"'{target}' cannot be reached", null, []);
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(HttpMethod method, string target, string path)
    {
        PushTarget to = _targets.Get(target);
        var request = new HttpRequestMessage(method, new Uri(to.Address, path));
        if (to.Key is { } key)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return request;
    }

    private async Task<(HttpStatusCode Status, string Answer)> AskAsync(
        HttpRequestMessage request, string target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, limit.Token);
            string answer = await response.Content.ReadAsStringAsync(limit.Token);
            bool isLater = (int)response.StatusCode >= 500
                || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;
            return isLater
                ? throw new ServiceException(ErrorCode.StoreUnavailable, $"'{target}' answered {(int)response.StatusCode}.")
                : (response.StatusCode, answer);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ServiceException(
                ErrorCode.StoreUnavailable, $"'{target}' cannot be reached, or did not answer in time.", exception);
        }
    }

    private static PushState StateOf(JsonElement operation)
    {
        bool hasEnded = Text(operation, "status") is "completed" or "failed" or "terminated";
        string step = operation.TryGetProperty("steps", out JsonElement steps) && steps.ValueKind == JsonValueKind.Array
            && steps.GetArrayLength() > 0 && Text(steps[steps.GetArrayLength() - 1], "name") is { } name ? name : "starting";
        int? version = operation.TryGetProperty("version", out JsonElement number) && number.TryGetInt32(out int value) ? value : null;
        string[] reasons = operation.TryGetProperty("reasons", out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Take(MaxReasons).Select(reason => Short(reason.ToString()))]
            : [];
        string? outcome = !hasEnded ? null : Text(operation, "outcome") ?? Text(operation, "status");
        return new PushState(outcome, Short(step), version, reasons);
    }

    /// <summary>The header allows letters and digits only, but the id contains <c>~</c>.</summary>
    private static string KeyOf(OperationId operation) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(operation.ToString())))[..32];

    private static string DetailOf(string answer) => Short(
        TryParse(answer) is { } problem && (Text(problem, "detail") ?? Text(problem, "title")) is { } detail ? detail : "no explanation");

    private static JsonElement? TryParse(string answer)
    {
        try
        {
            return JsonElement.Parse(answer) is { ValueKind: JsonValueKind.Object } json ? json : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out JsonElement value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Short(string text) => text.Length <= MaxReasonChars ? text : text[..MaxReasonChars] + "…";

    /// <summary>Written while it is sent: needs memory for one block.</summary>
    private sealed class BundleContent : HttpContent
    {
        private readonly BundleExport _export;
        private readonly BundlePlan _plan;

        public BundleContent(BundleExport export, BundlePlan plan)
        {
            _export = export;
            _plan = plan;
            Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            _export.WriteAsync(_plan, stream, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
