using System.Net;
using Modeldrop.Tests.Worker.Protocol;

namespace Modeldrop.Tests.Worker;

/// <summary>A caller that hangs up is not an error of the app, whatever the function is waiting for.</summary>
public sealed class HangUpTests(WorkerFixture fixture) : WorkerTests(fixture), IAsyncDisposable
{
    /// <param name="hostSaysSo">
    /// The host's notice that nobody is waiting uses another connection than the caller's, and arrives before or after that one closes.
    /// </param>
    [Theory]
    [InlineData("/api/models/gone/versions", false)]
    [InlineData("/api/models/gone/versions", true)]
    [InlineData("/v2/repository/index", false)]
    [InlineData("/v2/repository/index", true)]
    public async Task HangUp_WhileTheBodyArrives_LogsNoError(string route, bool hostSaysSo)
    {
        using var caller = new CancellationTokenSource();
        var body = new StalledContent();
        var request = new HttpRequestMessage(HttpMethod.Post, route) { Content = body };
        int before = Worker.Logs.Count;
        Task<HttpResponseMessage> answer = Worker.SendAsync(request, caller.Token);
        await body.Stalled;

        if (hostSaysSo)
        {
            Worker.Cancel(request);
        }

        await caller.CancelAsync();

        await AssertQuietAsync(answer, before);
    }

    [Fact]
    public async Task HangUp_WhileTheTaskHubIsQueried_LogsNoError()
    {
        using var caller = new CancellationTokenSource();
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/operations/flights~register~1");
        int before = Worker.Logs.Count;
        Task asked = HoldTaskHub();
        Task<HttpResponseMessage> answer = Worker.SendAsync(request, caller.Token);
        await asked.WaitAsync(Cancellation);

        await caller.CancelAsync();
        Worker.Cancel(request);

        await AssertQuietAsync(answer, before);
    }

    /// <summary>The host also cancels requests that take too long or run when it stops. Then a caller may still read the answer.</summary>
    [Fact]
    public async Task Cancel_CallerStillConnected_GetsNoSuccessAndLogsNoError()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/operations/flights~register~1");
        int before = Worker.Logs.Count;
        Task asked = HoldTaskHub();
        Task<HttpResponseMessage> answer = Worker.SendAsync(request, Cancellation);
        await asked.WaitAsync(Cancellation);

        Worker.Cancel(request);

        using HttpResponseMessage response = await answer;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Empty(LogsSince(before, RpcLog.Types.Level.Warning));
    }

    public ValueTask DisposeAsync()
    {
        Worker.Durable.BeforeAnswer = _ => Task.CompletedTask;
        return ValueTask.CompletedTask;
    }

    private async Task AssertQuietAsync(Task<HttpResponseMessage> answer, int before)
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        using HttpResponseMessage next = await GetAsync("/v2/health/live");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        Assert.Empty(LogsSince(before, RpcLog.Types.Level.Warning));
    }

    /// <summary>Completes when the worker asks; the answer comes only after the worker has stopped waiting.</summary>
    private Task HoldTaskHub()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Worker.Durable.BeforeAnswer = async cancelled =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancelled);
        };
        return asked.Task;
    }

    /// <summary>A megabyte, then nothing until the caller gives up.</summary>
    private sealed class StalledContent : HttpContent
    {
        private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Stalled => _stalled.Task;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(new byte[1 << 20], cancellationToken);
            await stream.FlushAsync(cancellationToken);
            _stalled.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
