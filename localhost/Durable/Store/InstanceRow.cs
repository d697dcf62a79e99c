using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.LocalHost.Durable.Replay;

namespace Modeldrop.LocalHost.Durable.Store;

/// <summary>The state of an instance: row <c>i</c> of its partition. Its ETag is the fence that lets only one host advance the instance.</summary>
internal sealed record InstanceRow
{
    /// <summary>A table property holds 32 K characters; the details are kept in full in the history.</summary>
    private const int MaxFailureChars = 30_000;
    private const int ShortenedChars = 4_000;

    public required string InstanceId { get; init; }

    public required string Name { get; init; }

    /// <summary>One start of the instance; a repeated start is known by it.</summary>
    public required string StartId { get; init; }

    public required OrchestrationRuntimeStatus Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? StartAt { get; init; }

    /// <summary>Grows with each continue-as-new.</summary>
    public int Generation { get; init; } = 1;

    /// <summary>Number of history rows that count; rows beyond it were never committed.</summary>
    public int HistoryLength { get; init; } = 1;

    /// <summary>Where the last turn begins: what it sends is sent again after a crash.</summary>
    public int TurnStart { get; init; }

    /// <summary>Finished, but not all that it sends has certainly been sent.</summary>
    public bool Outbox { get; init; }

    /// <summary>Finished, but activities that nobody awaited still run.</summary>
    public bool Detached { get; init; }

    /// <summary>Whether payloads of it lie in blobs.</summary>
    public bool HasBlobs { get; init; }

    /// <summary>Who committed last; null: nobody since the start.</summary>
    public string? Session { get; init; }

    public string? ParentInstanceId { get; init; }

    public string? CustomStatus { get; init; }

    public TaskFailureDetails? Failure { get; init; }

    public ETag ETag { get; init; }

    /// <summary>Names the run: see <see cref="RunIdentity"/>.</summary>
    public string Execution => string.Create(CultureInfo.InvariantCulture, $"{StartId}.{Generation}");

    public bool IsFinished => Status
        is OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated;

    /// <summary>Finished, and nothing of it is left to do.</summary>
    public bool IsDone => IsFinished && !Outbox && !Detached;

    public static InstanceRow From(TableEntity entity) => new()
    {
        InstanceId = entity.PartitionKey,
        Name = entity.GetString(nameof(Name)),
        StartId = entity.GetString(nameof(StartId)),
        Status = Enum.Parse<OrchestrationRuntimeStatus>(entity.GetString(nameof(Status))),
        CreatedAt = entity.GetDateTimeOffset(nameof(CreatedAt)).GetValueOrDefault(),
        UpdatedAt = entity.GetDateTimeOffset(nameof(UpdatedAt)).GetValueOrDefault(),
        StartAt = entity.GetDateTimeOffset(nameof(StartAt)),
        Generation = entity.GetInt32(nameof(Generation)).GetValueOrDefault(),
        HistoryLength = entity.GetInt32(nameof(HistoryLength)).GetValueOrDefault(),
        TurnStart = entity.GetInt32(nameof(TurnStart)).GetValueOrDefault(),
        Outbox = entity.GetBoolean(nameof(Outbox)) ?? false,
        Detached = entity.GetBoolean(nameof(Detached)) ?? false,
        HasBlobs = entity.GetBoolean(nameof(HasBlobs)) ?? false,
        Session = entity.GetString(nameof(Session)),
        ParentInstanceId = entity.GetString(nameof(ParentInstanceId)),
        CustomStatus = entity.GetString(nameof(CustomStatus)),
        Failure = entity.GetString(nameof(Failure)) is { } failure ? JsonSerializer.Deserialize<TaskFailureDetails>(failure, HistoryJson.Options) : null,
        ETag = entity.ETag,
    };

    public TableEntity ToEntity() => new(InstanceId, RowKeys.Instance)
    {
        [nameof(Name)] = Name,
        [nameof(StartId)] = StartId,
        [nameof(Status)] = Status.ToString(),
        [nameof(CreatedAt)] = CreatedAt,
        [nameof(UpdatedAt)] = UpdatedAt,
        [nameof(StartAt)] = StartAt,
        [nameof(Generation)] = Generation,
        [nameof(HistoryLength)] = HistoryLength,
        [nameof(TurnStart)] = TurnStart,
        [nameof(Outbox)] = Outbox,
        [nameof(Detached)] = Detached,
        [nameof(HasBlobs)] = HasBlobs,
        [nameof(Session)] = Session,
        [nameof(ParentInstanceId)] = ParentInstanceId,
        [nameof(CustomStatus)] = CustomStatus,
        [nameof(Failure)] = FailureJson(),
    };

    private string? FailureJson()
    {
        if (Failure is null)
        {
            return null;
        }

        string json = JsonSerializer.Serialize(Failure, HistoryJson.Options);
        return json.Length <= MaxFailureChars ? json : JsonSerializer.Serialize(
            new TaskFailureDetails(Failure.ErrorType, Shorten(Failure.ErrorMessage), Failure.StackTrace is { } trace ? Shorten(trace) : null, null, null),
            HistoryJson.Options);
    }

    private static string Shorten(string text) => text.Length <= ShortenedChars ? text : string.Concat(text.AsSpan(0, ShortenedChars), "…");
}
