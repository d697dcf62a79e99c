using System.Net;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Microsoft.DurableTask.Protobuf;

namespace Modeldrop.Tests.Worker;

public sealed class OperationListTests(WorkerFixture fixture) : WorkerTests(fixture)
{
    private const int LargestPage = 500;

    /// <summary>By default the host passes at most 4 MB of them to the worker; above that it only reports an error.</summary>
    [Fact]
    public async Task List_LargestPageOfLargeOperations_Succeeds()
    {
        var now = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
        Worker.Durable.Instances = [.. Enumerable.Range(1, LargestPage).Select(number => new OrchestrationState
        {
            InstanceId = $"m~register~{number}",
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

    [Fact]
    public async Task List_ByPages_GivesEachOperationOnceAndTheNewestFirst()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        (string Id, TimeSpan Age)[] operations =
        [
            ("m~register~c", TimeSpan.FromDays(400)), ("m~register~a", TimeSpan.FromMinutes(3)), ("m~promote~z", TimeSpan.FromMinutes(3)),
            ("m~batch~b", TimeSpan.FromDays(2)), ("m~shadow~a", TimeSpan.FromHours(5)), ("m~register~d", TimeSpan.Zero),
            ("m~register~e", TimeSpan.FromDays(31)),
        ];
        Worker.Durable.Instances = [.. operations.Select(one => new OrchestrationState
        {
            InstanceId = one.Id,
            Name = "RegisterOrchestration",
            OrchestrationStatus = OrchestrationStatus.Completed,
            CreatedTimestamp = Timestamp.FromDateTimeOffset(now - one.Age),
            LastUpdatedTimestamp = Timestamp.FromDateTimeOffset(now),
        })];

        List<string> ids = [];
        List<int> sizes = [];
        for (string? page = ""; page is not null;)
        {
            using HttpResponseMessage response = await GetAsync($"/api/operations?pageSize=3&page={Uri.EscapeDataString(page)}");
            JsonElement answer = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation));
            string[] listed = [.. answer.GetProperty("operations").EnumerateArray().Select(one => one.GetProperty("id").GetString()!)];
            ids.AddRange(listed);
            sizes.Add(listed.Length);
            page = answer.TryGetProperty("nextPage", out JsonElement next) ? next.GetString() : null;
        }

        Assert.Equal(
            ["m~register~d", "m~promote~z", "m~register~a", "m~shadow~a", "m~batch~b", "m~register~e", "m~register~c"], ids);
        Assert.Equal([3, 3, 1], sizes);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1~m")]
    [InlineData("99999999999999999999~m")]
    [InlineData("x~m~register~a")]
    public async Task List_InventedPage_IsRefused(string page)
    {
        using HttpResponseMessage response = await GetAsync($"/api/operations?page={page}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }
}
