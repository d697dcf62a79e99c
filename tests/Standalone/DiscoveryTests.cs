using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Modeldrop.Tests.Standalone;

/// <summary>A function that only the worker could run is an error at start, never a silently missing function.</summary>
public sealed class DiscoveryTests
{
    [Theory]
    [InlineData(nameof(Bad.NoTrigger), "no parameter has a trigger")]
    [InlineData(nameof(Bad.UnknownTrigger), "the trigger CarrierPigeonAttribute is not supported")]
    [InlineData(nameof(Bad.UnknownBinding), "'String nest' cannot be bound")]
    [InlineData(nameof(Bad.WrongRouteType), "'Uri id' cannot be bound")]
    [InlineData(nameof(Bad.WrongTriggerType), "'String request' cannot be bound")]
    [InlineData(nameof(Bad.BadCron), "neither a cron expression")]
    [InlineData(nameof(Bad.FiveFields), "neither a cron expression")]
    [InlineData(nameof(Bad.BadBlobType), "'Uri blob' cannot be bound")]
    public void Build_FunctionThatIsNotSupported_IsNamedWithTheReason(string function, string reason)
    {
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => TestHost.CreateBuilder([typeof(Bad)]).Build());

        Assert.Contains(exception.Message.Split(Environment.NewLine), line =>
            line.StartsWith($"Function '{function}':", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal));
    }

    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class CarrierPigeonAttribute : TriggerBindingAttribute;

    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class NestAttribute : InputBindingAttribute;

    public static class Bad
    {
        private const AuthorizationLevel Open = AuthorizationLevel.Anonymous;

        [Function(nameof(NoTrigger))]
        public static void NoTrigger(string text) => _ = text;

        [Function(nameof(UnknownTrigger))]
        public static void UnknownTrigger([CarrierPigeon] string message) => _ = message;

        [Function(nameof(UnknownBinding))]
        public static void UnknownBinding([HttpTrigger(Open)] HttpRequest request, [Nest] string nest) => _ = nest;

        [Function(nameof(WrongRouteType))]
        public static void WrongRouteType([HttpTrigger(Open, Route = "uri/{id}")] HttpRequest request, Uri id) => _ = id;

        [Function(nameof(WrongTriggerType))]
        public static void WrongTriggerType([HttpTrigger(Open)] string request) => _ = request;

        [Function(nameof(BadCron))]
        public static void BadCron([TimerTrigger("every day")] TimerInfo timer) => _ = timer;

        [Function(nameof(FiveFields))]
        public static void FiveFields([TimerTrigger("*/5 * * * *")] TimerInfo timer) => _ = timer;

        [Function(nameof(BadBlobType))]
        public static void BadBlobType([BlobTrigger("drop/{name}")] Uri blob) => _ = blob;
    }
}
