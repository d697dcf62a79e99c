using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Modeldrop.Tests.Acceptance;

/// <summary>An answer under load.</summary>
/// <param name="Host">The process that got the request.</param>
/// <param name="SentAt">UTC.</param>
/// <param name="Version">0: the request failed.</param>
internal readonly record struct LoadAnswer(int Host, DateTimeOffset SentAt, int Version, string? Failure);

/// <summary>Sixteen connections that request predictions as fast as they are answered, from all processes in turn.</summary>
internal sealed class RolloutLoad : IAsyncDisposable
{
    private const int Connections = 16;

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<LoadAnswer> _answers = new();
    private readonly Task[] _running;

    public RolloutLoad(IReadOnlyList<AppProcess> hosts, string model, string request) =>
        _running = [
            .. Enumerable.Range(0, Connections).Select(
                connection => Task.Run(() => AskAsync(hosts, connection % hosts.Count, model, request)))];

    public IReadOnlyCollection<LoadAnswer> Answers => _answers;

    /// <summary>How long after an instant a host still answered by another version.</summary>
    public TimeSpan FollowedWithin(int host, DateTimeOffset moved, int version) => _answers
        .Where(answer => answer.Host == host && answer.SentAt >= moved && answer.Version != version)
        .Select(answer => answer.SentAt - moved)
        .DefaultIfEmpty(TimeSpan.Zero)
        .Max();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running);
        _stopping.Dispose();
    }

    private async Task AskAsync(IReadOnlyList<AppProcess> hosts, int host, string model, string request)
    {
        while (!_stopping.IsCancellationRequested)
        {
            DateTimeOffset sentAt = TimeProvider.System.GetUtcNow();
            try
            {
                using var content = new StringContent(request, Encoding.UTF8, "application/json");
                using HttpResponseMessage response = await hosts[host].Http.PostAsync($"v2/models/{model}/infer", content);
                JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>();
                _answers.Enqueue(response.IsSuccessStatusCode
                    ? new LoadAnswer(host, sentAt, int.Parse(answer.GetProperty("model_version").GetString()!, null), null)
                    : new LoadAnswer(host, sentAt, 0, $"{(int)response.StatusCode} {answer}"));
            }
            catch (HttpRequestException exception)
            {
                _answers.Enqueue(new LoadAnswer(host, sentAt, 0, exception.Message));
            }
        }
    }
}
