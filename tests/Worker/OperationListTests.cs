using System.Net;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Microsoft.DurableTask.Protobuf;

namespace Modeldrop.Tests.Worker;

public sealed class OperationListTests(WorkerFixture fixture) : WorkerTests(fixture)
{
    private const int LargestPage = 500;

    /// <summary>The host passes at most 4 MB of them to the worker by default, and says nothing of it but an error.</summary>
    [Fact]
    public async Task List_LargestPageOfLargeOperations_IsAnswered()
    {
        var now = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
        Worker.Durable.Instances = [.. Enumerable.Range(1, LargestPage).Select(number => new OrchestrationState
        {
            InstanceId = $"operation-{number}",
            Name = "RegisterOrchestration",
            OrchestrationStatus = OrchestrationStatus.Running,
            CreatedTimestamp = now,
            LastUpdatedTimestamp = now,
            Input = JsonSerializer.Serialize(new string('x', 48 << 10)),
        })];

        using HttpResponseMessage response = await GetAsync($"/api/operations?pageSize={LargestPage}");

        JsonElement answer = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(LargestPage, answer.GetProperty("operations").GetArrayLength());
    }
}
