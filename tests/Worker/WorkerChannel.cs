using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Modeldrop.Tests.Worker.Protocol;

namespace Modeldrop.Tests.Worker;

/// <summary>The host's end of the stream that a worker opens: requests, responses and the worker's log.</summary>
internal sealed class WorkerChannel : FunctionRpc.FunctionRpcBase
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(5);

    private readonly Channel<StreamingMessage> _outgoing = Channel.CreateUnbounded<StreamingMessage>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _questions = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<RpcLog> _logs = new();

    /// <summary>Completes when a worker has opened the stream.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Completes when the worker's web server and services run. The worker calls its host before that.</summary>
    public Task Started => _started.Task;

    /// <summary>What the worker has logged so far.</summary>
    public IReadOnlyList<RpcLog> Logs => [.. _logs];

    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        try
        {
            Task writing = WriteAsync(responseStream, context.CancellationToken);
            await foreach (StreamingMessage message in requestStream.ReadAllAsync(context.CancellationToken))
            {
                Take(message);
            }

            _outgoing.Writer.TryComplete();
            await writing;
        }
        finally
        {
            FailQuestions();
        }
    }

    /// <summary>Sends a request; completes with the worker's response.</summary>
    public Task<StreamingMessage> AskAsync(StreamingMessage question, CancellationToken cancellationToken)
    {
        question.RequestId = Guid.NewGuid().ToString();
        var answer = new TaskCompletionSource<StreamingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _questions[question.RequestId] = answer;
        Send(question);
        return answer.Task.WaitAsync(AnswerTimeout, cancellationToken);
    }

    public void Send(StreamingMessage message) => _outgoing.Writer.TryWrite(message);

    private void Take(StreamingMessage message)
    {
        if (message.ContentCase == StreamingMessage.ContentOneofCase.StartStream)
        {
            _opened.TrySetResult();
        }
        else if (message.ContentCase == StreamingMessage.ContentOneofCase.RpcLog)
        {
            _logs.Enqueue(message.RpcLog);
            if (message.RpcLog is { Category: "Microsoft.Hosting.Lifetime" } log
                && log.Message.StartsWith("Application started", StringComparison.Ordinal))
            {
                _started.TrySetResult();
            }
        }
        else if (_questions.TryRemove(message.RequestId, out TaskCompletionSource<StreamingMessage>? question))
        {
            question.TrySetResult(message);
        }
    }

    /// <summary>Fails the pending requests, because nobody answers any more.</summary>
    private void FailQuestions()
    {
        foreach (TaskCompletionSource<StreamingMessage> question in _questions.Values)
        {
            question.TrySetException(new InvalidOperationException("The worker has ended."));
        }
    }

    private async Task WriteAsync(IServerStreamWriter<StreamingMessage> stream, CancellationToken cancellationToken)
    {
        await foreach (StreamingMessage message in _outgoing.Reader.ReadAllAsync(cancellationToken))
        {
            await stream.WriteAsync(message, cancellationToken);
        }
    }
}
