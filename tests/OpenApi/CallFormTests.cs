using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker;
using Modeldrop.Functions.Http;
using Modeldrop.Functions.OpenApi;
using Modeldrop.Tracking.Calls;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Tests.OpenApi;

/// <summary>The requests of MLflow's protocol in the description.</summary>
public sealed class CallFormTests
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly JsonObject Document = JsonNode.Parse(ApiDocument.Json)!.AsObject();

    /// <summary>A function that reads one call and declares another, or none, would be described wrongly.</summary>
    [Fact]
    public void Takes_OfMlflowsFunctions_AreTheCallsThatTheirCodeReads()
    {
        MethodInfo[] functions = [.. typeof(ApiDocument).Assembly.GetTypes()
            .Where(type => type.Namespace == "Modeldrop.Functions.Tracking")
            .SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttribute<FunctionAttribute>() is not null)];
        string[] wrong = [.. functions.Select(function => (function.Name, Reads: CallsReadIn(function), Takes: function
                .GetCustomAttributes<TakesAttribute>().Select(takes => takes.Type).OfType<Type>().ToHashSet()))
            .Where(one => !one.Reads.SetEquals(one.Takes))
            .Select(one => $"{one.Name} reads {string.Join(", ", one.Reads)} and takes {string.Join(", ", one.Takes)}")];

        Assert.Empty(wrong);
        Assert.True(functions.Count(function => CallsReadIn(function).Count == 1) >= 48, "Too few functions read a call.");
    }

    [Fact]
    public void Form_OfEveryKindOfField_IsWhatItsReaderAccepts() => Assert.Equal(
        """
        {"type":"object","required":["key","value","run_id"],"properties":{"run_id":{"type":"string","maxLength":250,"minLength":1},
        "key":{"type":"string","maxLength":250,"minLength":1},
        "value":{"anyOf":[{"type":"number"},{"enum":["NaN","Infinity","-Infinity"]}]},
        "timestamp":{"type":"integer","format":"int64"},"step":{"type":"integer","format":"int64"},
        "model_id":{"type":"string","maxLength":250},"dataset_name":{"type":"string","maxLength":500},
        "dataset_digest":{"type":"string","maxLength":250},"run_uuid":{"type":"string","maxLength":250}}}
        """.ReplaceLineEndings(""),
        CallForm.Of<LogMetricCall>().ToSchema().ToJsonString());

    [Theory]
    [InlineData("POST", "runs/create", "{}", true)]
    [InlineData("POST", "runs/create", """{"start_time": "soon"}""", false)]
    [InlineData("POST", "runs/create", """{"startTime": 1}""", false)]
    [InlineData("POST", "runs/log-batch", """{"run_id": "r", "metrics": [{"key": "a", "value": "NaN"}]}""", true)]
    [InlineData("POST", "runs/log-batch", """{"run_id": "r", "metrics": [{"key": "a"}]}""", false)]
    [InlineData("POST", "runs/log-batch", """{"metrics": []}""", false)]
    [InlineData("POST", "runs/update", """{"run_id": "r", "status": "FINISHED"}""", true)]
    [InlineData("POST", "runs/update", """{"run_id": "r", "status": "DONE"}""", false)]
    [InlineData("PATCH", "logged-models/m-1", """{"status": "LOGGED_MODEL_READY"}""", true)]
    [InlineData("PATCH", "logged-models/m-1", "{}", false)]
    [InlineData("DELETE", "registered-models/delete", """{"name": "m"}""", true)]
    [InlineData("DELETE", "registered-models/delete", """{"name": ""}""", false)]
    [InlineData("GET", "registered-models/search?max_results=5&order_by=name&order_by=timestamp", null, true)]
    [InlineData("GET", "registered-models/search?max_results=0", null, false)]
    [InlineData("GET", "registered-models/search?size=5", null, false)]
    [InlineData("GET", "model-versions/get?name=m", null, false)]
    public void RequestCheck_FindsWhatDoesNotFit(string verb, string call, string? body, bool fits) => Assert.Equal(
        fits, AnswerCheck.FindRequestViolation(verb, $"/api/2.0/mlflow/{call}", body) is null);

    /// <summary>Every call with a body has a schema with fields, and names its query if it is a <c>GET</c>.</summary>
    [Fact]
    public void Document_OfMlflowsRoutes_DescribesWhatTheyRead()
    {
        string[] silent = [.. ApiRoute.ReadAll().Where(route => route.Calls.Any()).Where(route =>
            Document["paths"]![route.Path]![route.Verb] is var operation && route.Calls.Single().ToFields()
                .Select(field => field.Name).Except(route.Verb == "get" ? NamesOfQuery(operation!) : NamesOfBody(operation!)).Any())
            .Select(route => $"{route.Verb} {route.Path}")];

        Assert.Empty(silent);
    }

    private static IEnumerable<string> NamesOfQuery(JsonNode operation) =>
        operation["parameters"]!.AsArray().Select(one => one!["name"]!.GetValue<string>());

    private static IEnumerable<string> NamesOfBody(JsonNode operation) =>
        Document["components"]!["schemas"]![operation["requestBody"]!["content"]!["application/json"]!["schema"]!["$ref"]!
            .GetValue<string>().Split('/')[^1]]!["properties"]!.AsObject().Select(one => one.Key);

    private static HashSet<Type> CallsReadIn(MethodInfo function)
    {
        MethodInfo code = function.GetCustomAttribute<AsyncStateMachineAttribute>() is { } machine
            ? machine.StateMachineType.GetMethod("MoveNext", All)!
            : function;
        return [.. CalledIn(code).Where(method => method.DeclaringType == typeof(CallFields) && method.IsGenericMethod)
            .Select(method => method.GetGenericArguments()[0])];
    }

    /// <summary>The methods whose tokens stand after the opcode <c>call</c>.</summary>
    private static IEnumerable<MethodBase> CalledIn(MethodInfo code)
    {
        byte[] body = code.GetMethodBody()!.GetILAsByteArray()!;
        for (int i = 0; i + 4 < body.Length; i++)
        {
            // 0x28 is call; the highest byte of a token of a generic method is 0x2B.
            if (body[i] == 0x28 && body[i + 4] == 0x2B)
            {
                yield return code.Module.ResolveMethod(BitConverter.ToInt32(body, i + 1))!;
            }
        }
    }
}
