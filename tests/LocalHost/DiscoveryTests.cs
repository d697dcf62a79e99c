using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Modeldrop.LocalHost;
using Modeldrop.LocalHost.Durable;

namespace Modeldrop.Tests.LocalHost;

public sealed class DiscoveryTests
{
    [Theory]
    [InlineData(typeof(Bad), nameof(Bad.NoTrigger), "no parameter has a trigger")]
    [InlineData(typeof(Bad), nameof(Bad.TwoTriggers), "more than one trigger")]
    [InlineData(typeof(Bad), nameof(Bad.UnknownTrigger), "the trigger CarrierPigeonAttribute is not supported")]
    [InlineData(typeof(Bad), nameof(Bad.UnknownBinding), "'String nest' cannot be bound")]
    [InlineData(typeof(Bad), nameof(Bad.UnknownParameter), "'String nowhere' cannot be bound")]
    [InlineData(typeof(Bad), nameof(Bad.WrongRouteType), "'Uri id' cannot be bound")]
    [InlineData(typeof(Bad), nameof(Bad.WrongTriggerType), "'String request' cannot be bound")]
    [InlineData(typeof(Bad), nameof(Bad.OptionalWithoutNull), "must take null or have a default")]
    [InlineData(typeof(Bad), nameof(Bad.BadRoute), "is not valid")]
    [InlineData(typeof(Bad), nameof(Bad.LeadingSlash), "must not begin with '/'")]
    [InlineData(typeof(Bad), nameof(Bad.Reserved), "keeps for itself")]
    [InlineData(typeof(Bad), nameof(Bad.BadConstraint), "'number' is not known")]
    [InlineData(typeof(Bad), nameof(Bad.BadMethod), "'FETCH' is no HTTP method")]
    [InlineData(typeof(Bad), nameof(Bad.BadResult), "it returns String")]
    [InlineData(typeof(Bad), nameof(Bad.RootBelowPrefix), "needs an empty routePrefix")]
    [InlineData(typeof(Bad), nameof(Bad.RetryOnHttp), "legal on timers only")]
    [InlineData(typeof(Bad), nameof(Bad.BadCron), "neither a cron expression")]
    [InlineData(typeof(Bad), nameof(Bad.FiveFields), "neither a cron expression")]
    [InlineData(typeof(Bad), nameof(Bad.MissingSetting), "names the setting 'Absent'")]
    [InlineData(typeof(Bad), nameof(Bad.BadRetry), "is not an interval")]
    [InlineData(typeof(Bad), nameof(Bad.BadBlobPath), "must begin with the name of a container")]
    [InlineData(typeof(Bad), nameof(Bad.BadBlobType), "'Uri blob' cannot be bound")]
    [InlineData(typeof(Bad), nameof(Bad.UnknownToken), "'String other' cannot be bound")]
    [InlineData(typeof(Bad), nameof(Bad.MissingConnection), "the setting 'Elsewhere' with the connection string is not there")]
    [InlineData(typeof(Bad), nameof(Bad.BadOrchestrator), "returns Task")]
    [InlineData(typeof(Bad), nameof(Bad.TwoInputs), "'String second' cannot be bound")]
    [InlineData(typeof(Bad), nameof(Bad.BadClient), "'Object client' cannot be bound")]
    [InlineData(typeof(Bad), "0bad", "a name is letters")]
    [InlineData(typeof(Bad), "NotPublic", "it must be a public")]
    [InlineData(typeof(BadDuplicates), "double", "has the same name")]
    [InlineData(typeof(BadDuplicates), "Second", "function 'First' answers the same route and method")]
    public void Build_FunctionIsWrong_IsNamedWithTheReason(Type type, string function, string reason)
    {
        // Everything wrong with all functions comes at once, in one error.
        FunctionDiscoveryException exception = Assert.Throws<FunctionDiscoveryException>(() => TestHost.CreateBuilder([type]).Build());

        Assert.Contains(exception.Errors, error =>
            error.StartsWith($"Function '{function}' ({type.FullName}.", StringComparison.Ordinal) && error.Contains(reason, StringComparison.Ordinal));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_HttpFunctionWithoutWebApplication_IsAnError()
    {
        FunctionsApplicationBuilder builder = TestHost.CreateBuilder([typeof(HttpFunctionTests.Anything)]);
        builder.ServesHttp = false;

        FunctionDiscoveryException exception = Assert.Throws<FunctionDiscoveryException>(builder.Build);

        Assert.Contains("ConfigureFunctionsWebApplication", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_SameRouteOtherMethodOrConstraint_IsFine() => TestHost.CreateBuilder([typeof(Alike)]).Build().Dispose();

    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class CarrierPigeonAttribute : TriggerBindingAttribute;

    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class NestAttribute : InputBindingAttribute;

    public static class Bad
    {
        private const AuthorizationLevel Open = AuthorizationLevel.Anonymous;

        [Function(nameof(NoTrigger))]
        public static void NoTrigger(string text) => _ = text;

        [Function(nameof(TwoTriggers))]
        public static void TwoTriggers([HttpTrigger(Open)] HttpRequest request, [TimerTrigger("0 0 0 * * *")] TimerInfo timer) => _ = request;

        [Function(nameof(UnknownTrigger))]
        public static void UnknownTrigger([CarrierPigeon] string message) => _ = message;

        [Function(nameof(UnknownBinding))]
        public static void UnknownBinding([HttpTrigger(Open)] HttpRequest request, [Nest] string nest) => _ = nest;

        [Function(nameof(UnknownParameter))]
        public static void UnknownParameter([HttpTrigger(Open)] HttpRequest request, string nowhere) => _ = nowhere;

        [Function(nameof(WrongRouteType))]
        public static void WrongRouteType([HttpTrigger(Open, Route = "uri/{id}")] HttpRequest request, Uri id) => _ = id;

        [Function(nameof(WrongTriggerType))]
        public static void WrongTriggerType([HttpTrigger(Open)] string request) => _ = request;

        [Function(nameof(OptionalWithoutNull))]
        public static void OptionalWithoutNull([HttpTrigger(Open, Route = "opt/{id?}")] HttpRequest request, int id) => _ = id;

        [Function(nameof(BadRoute))]
        public static void BadRoute([HttpTrigger(Open, Route = "a/{b")] HttpRequest request) => _ = request;

        [Function(nameof(LeadingSlash))]
        public static void LeadingSlash([HttpTrigger(Open, Route = "/a")] HttpRequest request) => _ = request;

        [Function(nameof(Reserved))]
        public static void Reserved([HttpTrigger(Open, Route = "administration")] HttpRequest request) => _ = request;

        [Function(nameof(BadConstraint))]
        public static void BadConstraint([HttpTrigger(Open, Route = "c/{id:number}")] HttpRequest request, int id) => _ = id;

        [Function(nameof(BadMethod))]
        public static void BadMethod([HttpTrigger(Open, "FETCH")] HttpRequest request) => _ = request;

        [Function(nameof(BadResult))]
        public static string BadResult([HttpTrigger(Open)] HttpRequest request) => request.Method;

        [Function(nameof(RootBelowPrefix))]
        public static void RootBelowPrefix([HttpTrigger(Open, Route = "/")] HttpRequest request) => _ = request;

        [Function(nameof(RetryOnHttp))]
        [FixedDelayRetry(3, "00:00:01")]
        public static void RetryOnHttp([HttpTrigger(Open)] HttpRequest request) => _ = request;

        [Function(nameof(BadCron))]
        public static void BadCron([TimerTrigger("every day")] TimerInfo timer) => _ = timer;

        [Function(nameof(FiveFields))]
        public static void FiveFields([TimerTrigger("*/5 * * * *")] TimerInfo timer) => _ = timer;

        [Function(nameof(MissingSetting))]
        public static void MissingSetting([TimerTrigger("%Absent%")] TimerInfo timer) => _ = timer;

        [Function(nameof(BadRetry))]
        [FixedDelayRetry(3, "soon")]
        public static void BadRetry([TimerTrigger("0 0 0 * * *")] TimerInfo timer) => _ = timer;

        [Function(nameof(BadBlobPath))]
        public static void BadBlobPath([BlobTrigger("Drop/{name}")] string blob) => _ = blob;

        [Function(nameof(BadBlobType))]
        public static void BadBlobType([BlobTrigger("drop/{name}")] Uri blob) => _ = blob;

        [Function(nameof(UnknownToken))]
        public static void UnknownToken([BlobTrigger("drop/{name}")] string blob, string other) => _ = other;

        [Function(nameof(MissingConnection))]
        public static void MissingConnection([BlobTrigger("drop/{name}", Connection = "Elsewhere")] string blob) => _ = blob;

        [Function(nameof(BadOrchestrator))]
        public static int BadOrchestrator([OrchestrationTrigger] TaskOrchestrationContext context) => context is null ? 0 : 1;

        [Function(nameof(TwoInputs))]
        public static Task TwoInputs([OrchestrationTrigger] TaskOrchestrationContext context, string first, string second) => Task.CompletedTask;

        [Function(nameof(BadClient))]
        public static void BadClient([HttpTrigger(Open)] HttpRequest request, [DurableClient] object client) => _ = client;

        [Function("0bad")]
        public static void BadName([HttpTrigger(Open)] HttpRequest request) => _ = request;

        [Function(nameof(NotPublic))]
        internal static void NotPublic([HttpTrigger(Open)] HttpRequest request) => _ = request;
    }

    public static class BadDuplicates
    {
        [Function("Double")]
        public static void One([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => _ = request;

        [Function("double")]
        public static void Two([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => _ = request;

        [Function("First")]
        public static void First([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "same/{a:int}/x")] HttpRequest request) => _ = request;

        [Function("Second")]
        public static void Second([HttpTrigger(AuthorizationLevel.Anonymous, "POST", Route = "SAME/{b:int}/x")] HttpRequest request) => _ = request;
    }

    public static class Alike
    {
        [Function("First")]
        public static IActionResult? First([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "same/{a:int}")] HttpRequest request) => null;

        [Function("Second")]
        public static IActionResult? Second([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "same/{a:int}")] HttpRequest request) => null;

        [Function("Third")]
        public static IActionResult? Third([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "same/{a:alpha}")] HttpRequest request) => null;
    }
}
