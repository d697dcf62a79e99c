using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Names;

namespace Modeldrop.Monitoring.Alerts;

/// <summary>
/// Sends alerts to their receivers: signed, retried with growing pauses, at last put among the dead. Follows no redirect and, unless
/// allowed, connects to no address that is not public.
/// </summary>
public sealed partial class AlertDelivery : IDisposable
{
    // The pauses that Standard Webhooks suggests; a timer of a minute makes the first one longer.
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>Receivers at once: a silent one costs a connection and no time of the others.</summary>
    private const int MaxReceivers = 32;

    private static readonly TimeSpan LongestWish = TimeSpan.FromHours(24);

    private readonly AlertStore _store;
    private readonly AlertOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<AlertDelivery> _logger;
    private readonly byte[][] _keys;
    private readonly HttpClient _http;

    public AlertDelivery(AlertStore store, IOptions<AlertOptions> options, TimeProvider clock, ILogger<AlertDelivery> logger)
    {
        _store = store;
        _options = options.Value;
        _clock = clock;
        _logger = logger;
        _keys = [.. WebhookSignature.Split(_options.Secrets).Select(secret => WebhookSignature.FindKey(secret)!)];
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectTimeout = _options.Timeout,
            ConnectCallback = ConnectAsync,
        };
        _http = new HttpClient(handler) { Timeout = _options.Timeout, MaxResponseContentBufferSize = 64 * 1024 };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("modeldrop", "1"));
    }

    /// <summary>Makes the attempts that are due, to several receivers at once, to each in order. Safe to run by several at once.</summary>
    /// <remarks>
    /// What one receiver does costs the others nothing. One that does not answer is asked once a run: the rest stays due.
    /// </remarks>
    public async Task DeliverAsync(CancellationToken cancellationToken)
    {
        IEnumerable<IGrouping<string, StoredAlert>> receivers = (await _store.DueAsync(cancellationToken))
            .GroupBy(due => ReceiverOf(due.Alert), StringComparer.OrdinalIgnoreCase);
        var width = new ParallelOptions { MaxDegreeOfParallelism = MaxReceivers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(receivers, width, async (alerts, cancelled) =>
        {
            foreach (StoredAlert due in alerts)
            {
                // Longer than an attempt can take: a process that dies in it leaves the alert to the next one, under the same id.
                if (!await _store.TryClaimAsync(due, _clock.GetUtcNow() + (4 * _options.Timeout), cancelled))
                {
                    continue;
                }

                (Alert after, bool answered) = await AttemptAsync(due.Alert, cancelled);
                await _store.ConcludeAsync(due, after, cancelled);
                Report(after);
                if (!answered)
                {
                    break;
                }
            }
        });
    }

    public void Dispose() => _http.Dispose();

    private static string ReceiverOf(Alert alert) =>
        Uri.TryCreate(alert.Receiver, UriKind.Absolute, out Uri? address) ? address.Authority : alert.Receiver!;

    /// <returns>The alert after it, and whether the receiver has answered, or is refused before it is asked.</returns>
    private async Task<(Alert After, bool Answered)> AttemptAsync(Alert alert, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = AlertEvent.Encode(alert, _options.Source);
        DateTimeOffset now = _clock.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, alert.Receiver) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(AlertEvent.ContentType);
        request.Headers.Add("webhook-id", alert.Id);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        if (_keys.Length > 0)
        {
            request.Headers.Add("webhook-signature", WebhookSignature.Sign(_keys, alert.Id, now, body.Span));
        }

        try
        {
            using HttpResponseMessage response = await _http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return (After(alert, response), true);
        }
        catch (HttpRequestException exception)
        {
            return exception.InnerException is RefusedAddressException refused
                ? (Failed(alert, refused.Message, isFinal: true), true)
                : (Failed(alert, $"The receiver cannot be reached: {exception.Message}"), false);
        }
        catch (RefusedAddressException exception)
        {
            return (Failed(alert, exception.Message, isFinal: true), true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (Failed(alert, $"The receiver did not answer within {_options.Timeout.TotalSeconds:0} s."), false);
        }
    }

    private Alert After(Alert alert, HttpResponseMessage response) => (int)response.StatusCode switch
    {
        >= 200 and < 300 => alert with
        {
            Status = DeliveryStatus.Delivered, Attempts = alert.Attempts + 1, NextAttemptAt = null, DeliveredAt = _clock.GetUtcNow(),
            LastError = null,
        },
        410 => Failed(alert, "The receiver answered 410: it wants no more.", isFinal: true),
        >= 300 and < 400 and var status =>
            Failed(alert, $"The receiver answered {status}. Redirects are not followed.", wish: WishOf(response)),
        var status => Failed(alert, $"The receiver answered {status}.", wish: WishOf(response)),
    };

    private Alert Failed(Alert alert, string error, TimeSpan? wish = null, bool isFinal = false)
    {
        int attempts = alert.Attempts + 1;
        if (isFinal || attempts > Pauses.Length)
        {
            return alert with { Status = DeliveryStatus.Dead, Attempts = attempts, NextAttemptAt = null, LastError = error };
        }

        // A fifth more or less, so that what failed together does not come together again.
        TimeSpan pause = Pauses[attempts - 1] * (0.8 + (RandomNumberGenerator.GetInt32(0, 401) / 1000.0));
        pause = wish > pause ? wish.Value : pause;
        return alert with { Attempts = attempts, NextAttemptAt = _clock.GetUtcNow() + pause, LastError = error };
    }

    private TimeSpan? WishOf(HttpResponseMessage response)
    {
        TimeSpan? wish = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _clock.GetUtcNow(),
            _ => null,
        };
        return wish > LongestWish ? LongestWish : wish;
    }

    /// <summary>Looks at the very address that is connected to: a name that changes what it means in between gains nothing.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        IPAddress[] allowed = _options.AllowPrivateAddresses ? addresses : [.. addresses.Where(PublicAddress.Is)];
        if (allowed.Length == 0)
        {
            throw new RefusedAddressException(
                $"'{context.DnsEndPoint.Host}' has no public address ({string.Join(", ", addresses.AsEnumerable())}), and receivers with "
                    + $"others are not allowed (Alerts__AllowPrivateAddresses).");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Report(Alert alert)
    {
        if (alert.Status == DeliveryStatus.Dead)
        {
            Log.Dead(_logger, alert.Id, alert.Model, alert.Attempts, alert.LastError);
        }
        else if (alert.Status == DeliveryStatus.Pending)
        {
            Log.Failed(_logger, alert.Id, alert.Model, alert.Attempts, alert.LastError);
        }
    }

    private sealed class RefusedAddressException(string message) : Exception(message);

    private static partial class Log
    {
        [LoggerMessage(5300, LogLevel.Warning, "Alert {Id} of '{Model}' was not delivered at attempt {Attempt}: {Error}")]
        public static partial void Failed(ILogger logger, string id, ModelName model, int attempt, string? error);

        [LoggerMessage(5301, LogLevel.Error, "Alert {Id} of '{Model}' is given up after {Attempts} attempts: {Error}")]
        public static partial void Dead(ILogger logger, string id, ModelName model, int attempts, string? error);
    }
}
