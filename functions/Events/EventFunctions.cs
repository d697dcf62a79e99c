using Microsoft.AspNetCore.Http;
using Modeldrop.Events;
using Modeldrop.Functions.Http;
using Modeldrop.Names;

namespace Modeldrop.Functions.Events;

/// <summary>The registry's events, as CloudEvents.</summary>
public sealed class EventFunctions(EventService events)
{
    private const int DefaultLimit = 100;

    /// <summary>Events after a cursor, oldest first, of all models or of one.</summary>
    [Function(nameof(ListEvents))]
    [Answers(typeof(EventPage))]
    public async Task<IResult> ListEvents(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/events")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        ModelName? model = query.Model("model", ModelName.FindStored);
        string[] types = query.Text("type")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        int limit = query.Number("limit", 1, EventService.MaxLimit) ?? DefaultLimit;
        foreach (string violation in types.Take(EventType.All.Count).Select(EventType.FindViolation).OfType<string>())
        {
            query.Refuse(violation);
        }

        query.Check();
        var filter = new EventFilter(model is { } one ? [one.Value] : [], types) { Sees = Caller.SeesIn(request) };
        return Answer.Json(await events.ReadAsync(query.Text("after"), filter, limit, cancellationToken));
    }
}
