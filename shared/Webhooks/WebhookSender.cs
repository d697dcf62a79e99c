using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Modeldrop.Webhooks;

/// <summary>A message for a receiver.</summary>
/// <param name="Id">The receiver's key for detecting duplicates: the same in each attempt.</param>
public sealed record WebhookMessage(string Receiver, string Id, string ContentType, ReadOnlyMemory<byte> Body);

/// <summary>The result of an attempt.</summary>
/// <param name="Error">Null: delivered.</param>
/// <param name="HasAnswered">Whether the receiver answered, or was refused before the request.</param>
/// <param name="IsFinal">Whether a retry is pointless.</param>
/// <param name="Wish">How long the receiver asks to wait before the next attempt.</param>
public sealed record WebhookOutcome(string? Error, bool HasAnswered = true, bool IsFinal = false, TimeSpan? Wish = null);

/// <summary>
/// Sends messages in the format of Standard Webhooks, signed if there are keys. Follows no redirect and, unless allowed, connects to public
/// addresses only. Thread-safe.
/// </summary>
public sealed class WebhookSender : IDisposable
{
    private static readonly TimeSpan LongestWish = TimeSpan.FromHours(24);

    private readonly WebhookOptions _options;
    private readonly TimeProvider _clock;
    private readonly byte[][] _keys;
    private readonly HttpClient _http;

    public WebhookSender(IOptions<WebhookOptions> options, TimeProvider clock)
    {
        _options = options.Value;
        _clock = clock;
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

    /// <summary>The longest duration of an attempt.</summary>
    public TimeSpan Timeout => _options.Timeout;

    /// <summary>See <see cref="WebhookOptions.Source"/>.</summary>
    public string Source => _options.Source;

    /// <summary>Makes one attempt. A failure is an outcome, not an exception.</summary>
    public async Task<WebhookOutcome> SendAsync(WebhookMessage message, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, message.Receiver)
        {
            Content = new ReadOnlyMemoryContent(message.Body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(message.ContentType);
        request.Headers.Add("webhook-id", message.Id);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        if (_keys.Length > 0)
        {
            request.Headers.Add("webhook-signature", WebhookSignature.Sign(_keys, message.Id, now, message.Body.Span));
        }

        try
        {
            using HttpResponseMessage response = await _http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return After(response);
        }
        catch (HttpRequestException exception)
        {
            return exception.InnerException is RefusedAddressException refused
                ? new WebhookOutcome(refused.Message, IsFinal: true)
                : new WebhookOutcome($"The receiver cannot be reached: {exception.Message}", HasAnswered: false);
        }
        catch (RefusedAddressException exception)
        {
            return new WebhookOutcome(exception.Message, IsFinal: true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WebhookOutcome($"The receiver did not answer within {_options.Timeout.TotalSeconds:0} s.", HasAnswered: false);
        }
    }

    public void Dispose() => _http.Dispose();

    private WebhookOutcome After(HttpResponseMessage response) => (int)response.StatusCode switch
    {
        >= 200 and < 300 => new WebhookOutcome(Error: null),
        410 => new WebhookOutcome("The receiver answered 410: it wants no more messages.", IsFinal: true),
        >= 300 and < 400 and var status =>
            new WebhookOutcome($"The receiver answered {status}. Redirects are not followed.", Wish: WishOf(response)),
        var status => new WebhookOutcome($"The receiver answered {status}.", Wish: WishOf(response)),
    };

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

    /// <summary>
    /// Checks the address that it connects to, so that a name cannot resolve to another address between check and connection.
    /// </summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        IPAddress[] allowed = _options.AllowPrivateAddresses ? addresses : [.. addresses.Where(PublicAddress.Is)];
        if (allowed.Length == 0)
        {
            throw new RefusedAddressException(
                $"'{context.DnsEndPoint.Host}' has no public address ({string.Join(", ", addresses.AsEnumerable())}), and receivers "
                    + $"without one are not allowed (Webhooks__AllowPrivateAddresses).");
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

    private sealed class RefusedAddressException(string message) : Exception(message);
}
