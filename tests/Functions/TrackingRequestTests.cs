using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Modeldrop.Access;
using Modeldrop.Tests.Standalone;

namespace Modeldrop.Tests.Functions;

/// <summary>MLflow's routes, and callers with access to some models.</summary>
public sealed class TrackingRequestTests(AzuriteFixture azurite)
{
    private const string Calls = "/api/2.0/mlflow/";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_KeysForSomeModels_ReachOnlyTheseModelsAndTheirOwnRuns()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        string owner = await AppHost.CreateAsync(host, Role.Owner);
        string publisher = await AppHost.CreateAsync(host, Role.Publisher, "model:flights");
        string viewer = await AppHost.CreateAsync(host, Role.Viewer, "model:flights");

        await OkAsync(host, publisher, "registered-models/create", """{"name": "flights", "tags": [{"key": "team", "value": "ops"}]}""");
        await OkAsync(host, owner, "registered-models/create", """{"name": "fraud"}""");
        await DeniedAsync(host, publisher, "registered-models/create", """{"name": "other"}""");
        await DeniedAsync(host, publisher, "model-versions/create", """{"name": "fraud", "source": "models:/m-1"}""");
        await DeniedAsync(host, publisher, "model-versions/create", """{"name": "flights", "source": "models:/fraud/1"}""");
        await DeniedAsync(host, publisher, "registered-models/set-tag", """{"name": "flights", "key": "team", "value": "x"}""");
        await DeniedAsync(host, publisher, "registered-models/alias", """{"name": "flights", "alias": "a", "version": "1"}""");
        await DeniedAsync(host, viewer, "runs/create", "{}");

        foreach ((string key, string[] names) in ((string, string[])[])[(owner, ["flights", "fraud"]), (viewer, ["flights"])])
        {
            JsonElement found = await OkAsync(host, key, "registered-models/search", body: null);
            Assert.Equal(names, found.GetProperty("registered_models").EnumerateArray().Select(one => one.GetProperty("name").GetString()));
        }

        await DeniedAsync(host, viewer, "registered-models/get?name=fraud", body: null);
        await OkAsync(host, viewer, "registered-models/get?name=flights", body: null);

        string owners = RunOf(await OkAsync(host, owner, "runs/create", "{}"));
        string own = RunOf(await OkAsync(host, publisher, "runs/create", "{}"));
        await DeniedAsync(host, publisher, $"runs/get?run_id={owners}", body: null);
        await DeniedAsync(host, publisher, "runs/log-parameter", $$"""{"run_id": "{{owners}}", "key": "a", "value": "b"}""");
        await OkAsync(host, publisher, "runs/log-parameter", $$"""{"run_id": "{{own}}", "key": "a", "value": "b"}""");
        JsonElement runs = await OkAsync(host, publisher, "runs/search", """{"experiment_ids": ["0"]}""");
        Assert.Equal([own], runs.GetProperty("runs").EnumerateArray().Select(
            run => run.GetProperty("info").GetProperty("run_id").GetString()));
    }

    [Fact]
    public async Task Errors_OfEveryKind_HaveTheFormatOfMlflow()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        await AppHost.CreateAsync(host, Role.Owner);
        string viewer = await AppHost.CreateAsync(host, Role.Viewer);

        Assert.Equal((401, "UNAUTHENTICATED"), await SendAsync(host, key: null, "runs/create", "{}"));
        Assert.Equal((401, "UNAUTHENTICATED"), await SendAsync(host, "mdk-nonsense", "runs/create", "{}"));
        Assert.Equal((403, "PERMISSION_DENIED"), await SendAsync(host, viewer, "runs/create", "{}"));
        Assert.Equal((404, "ENDPOINT_NOT_FOUND"), await SendAsync(host, viewer, "traces/search", "{}"));
        Assert.Equal((404, "RESOURCE_DOES_NOT_EXIST"), await SendAsync(host, viewer, "runs/get?run_id=x", body: null));
        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), await SendAsync(host, viewer, "runs/get", body: null));
        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), await SendAsync(host, viewer, "runs/search", "[]"));
        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), await SendAsync(host, viewer, "runs/search", """{"run_view_type": "SOME"}"""));
        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), await SendAsync(host, viewer, "experiments/search", """{"filter": "x"}"""));
        Assert.Equal((413, "BAD_REQUEST"), await SendAsync(host, viewer, "runs/search", $$"""{"a": "{{new string('x', 1 << 20)}}"}"""));
    }

    [Fact]
    public async Task DeleteExperimentTag_OfAnExperiment_RemovesThatTag()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        string owner = await AppHost.CreateAsync(host, Role.Owner);
        string publisher = await AppHost.CreateAsync(host, Role.Publisher, "model:flights");
        string viewer = await AppHost.CreateAsync(host, Role.Viewer);
        string id = (await OkAsync(host, owner, "experiments/create", """
            {"name": "late", "tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]}
            """)).GetProperty("experiment_id").GetString()!;
        string body = $$"""{"experiment_id": "{{id}}", "key": "a"}""";

        await DeniedAsync(host, viewer, "experiments/delete-experiment-tag", body);
        await DeniedAsync(host, publisher, "experiments/delete-experiment-tag", body);
        await OkAsync(host, owner, "experiments/delete-experiment-tag", body);
        await OkAsync(host, owner, "experiments/delete-experiment-tag", body);

        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), await SendAsync(
            host, owner, "experiments/delete-experiment-tag", $$"""{"experiment_id": "{{id}}"}"""));
        JsonElement found = await OkAsync(host, owner, $"experiments/get?experiment_id={id}", body: null);
        JsonElement tag = Assert.Single(found.GetProperty("experiment").GetProperty("tags").EnumerateArray());
        Assert.Equal("b", tag.GetProperty("key").GetString());
    }

    private static string RunOf(JsonElement answer) =>
        answer.GetProperty("run").GetProperty("info").GetProperty("run_id").GetString()!;

    private static async Task DeniedAsync(TestHost host, string key, string call, string? body) =>
        Assert.Equal((403, "PERMISSION_DENIED"), await SendAsync(host, key, call, body));

    private static async Task<JsonElement> OkAsync(TestHost host, string key, string call, string? body)
    {
        using HttpResponseMessage response = await RequestAsync(host, key, call, body);
        string text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{call}: {text}");
        return JsonElement.Parse(text);
    }

    private static async Task<(int Status, string? Code)> SendAsync(TestHost host, string? key, string call, string? body)
    {
        using HttpResponseMessage response = await RequestAsync(host, key, call, body);
        JsonElement answer = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        Assert.NotEmpty(answer.GetProperty("message").GetString()!);
        return ((int)response.StatusCode, answer.GetProperty("error_code").GetString());
    }

    private static async Task<HttpResponseMessage> RequestAsync(TestHost host, string? key, string call, string? body)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, Calls + call);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return await host.Client.SendAsync(request, Cancellation);
    }
}
