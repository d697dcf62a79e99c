using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Modeldrop.Standalone.Timers;

namespace Modeldrop.Tests.Functions;

/// <summary>
/// Rules of the real host that the compiler does not check. The host skips a function that breaks a rule, or answers no request at all.
/// </summary>
public sealed partial class FunctionRulesTests
{
    private static readonly IReadOnlyList<MethodInfo> Functions = [.. Assembly.Load("Modeldrop.Functions").GetTypes()
        .SelectMany(
            type => type.GetMethods(
                BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .Where(method => method.GetCustomAttribute<FunctionAttribute>() is not null)];

    public static TheoryData<string> HttpFunctions => [.. Names<HttpTriggerAttribute>()];

    public static TheoryData<string> TimerFunctions => [.. Names<TimerTriggerAttribute>()];

    public static TheoryData<string> BlobFunctions => [.. Names<BlobTriggerAttribute>()];

    [Fact]
    public void Functions_AndTheirClasses_ArePublic()
    {
        // The worker's generator silently ignores other methods: the function would be missing.
        string[] hidden = [.. Functions.Where(method => !method.IsPublic || !IsVisible(method.DeclaringType!)).Select(NameOf)];

        Assert.NotEmpty(Functions);
        Assert.Empty(hidden);
    }

    [Fact]
    public void Functions_Names_AreLegalAndUniqueInAnyCase()
    {
        Assert.All(Functions, method => Assert.Matches("^[A-Za-z][A-Za-z0-9_-]{0,126}$", NameOf(method)));
        Assert.Empty(
            Functions.GroupBy(NameOf, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Theory]
    [MemberData(nameof(HttpFunctions))]
    public void HttpTrigger_OfAFunction_NamesLevelMethodsAndRoute(string function)
    {
        CustomAttributeData trigger = Data<HttpTriggerAttribute>(function);

        // Without a level, the constructor with methods means Anonymous, the one without methods Function.
        Assert.Equal(typeof(AuthorizationLevel), trigger.Constructor.GetParameters().FirstOrDefault()?.ParameterType);
        Assert.NotEmpty(Trigger<HttpTriggerAttribute>(function).Methods ?? []);
        Assert.NotNull(Trigger<HttpTriggerAttribute>(function).Route);
    }

    /// <summary>The app checks keys itself, so that both programs behave alike: the keys of the Functions host are not valid.</summary>
    [Theory]
    [MemberData(nameof(HttpFunctions))]
    public void HttpTrigger_OfAFunction_IsAnonymousForTheHost(string function) =>
        Assert.Equal(AuthorizationLevel.Anonymous, Trigger<HttpTriggerAttribute>(function).AuthLevel);

    [Theory]
    [MemberData(nameof(HttpFunctions))]
    public void HttpTrigger_ForGet_AcceptsHeadToo(string function)
    {
        string[] methods = Trigger<HttpTriggerAttribute>(function).Methods!;

        Assert.Equal(methods.Contains("get"), methods.Contains("head"));
    }

    [Theory]
    [MemberData(nameof(HttpFunctions))]
    public void HttpTrigger_OfAFunction_AvoidsTheRoutesOfTheHost(string function)
    {
        string first = Trigger<HttpTriggerAttribute>(function).Route!.TrimStart('/').Split('/')[0];

        Assert.DoesNotContain(first, (string[])["admin", "runtime"], StringComparer.OrdinalIgnoreCase);
        // A parameter there would match these routes too, except the one that must be empty: the root of the site.
        Assert.True(first == "{ignored:maxlength(0)?}" || !first.Contains('{', StringComparison.Ordinal), first);
    }

    [Fact]
    public void HttpTriggers_MethodsAndRoutes_AreUnique()
    {
        IEnumerable<string> routes =
            from function in Names<HttpTriggerAttribute>()
            let trigger = Trigger<HttpTriggerAttribute>(function)
            from method in trigger.Methods!
            select $"{method.ToUpperInvariant()} {Parameter().Replace(trigger.Route!, "{}")}";

        Assert.Empty(
            routes.GroupBy(route => route, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Theory]
    [MemberData(nameof(TimerFunctions))]
    public void TimerTrigger_OfAFunction_HasSixFieldsAndIsMonitored(string function)
    {
        string text = Trigger<TimerTriggerAttribute>(function).Schedule;
        var schedule = TimerSchedule.Parse(text, out string? error);

        Assert.Null(error);
        Assert.Equal(6, text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
        // Only such timers have a status, which makes up for missed runs.
        Assert.True(schedule!.IsMonitorable(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)));
    }

    [Theory]
    [MemberData(nameof(BlobFunctions))]
    public void BlobTrigger_OfAFunction_UsesEventGrid(string function)
    {
        // The only kind that Flex Consumption supports.
        Assert.Equal(BlobTriggerSource.EventGrid, Trigger<BlobTriggerAttribute>(function).Source);
    }

    [Fact]
    public void HttpFunctions_TakeTheRequestOfAspNetCore()
    {
        IEnumerable<Type> requests = Functions.SelectMany(method => method.GetParameters())
            .Where(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>() is not null)
            .Select(parameter => parameter.ParameterType);

        Assert.All(requests, type => Assert.Equal(typeof(HttpRequest), type));
    }

    private static IEnumerable<string> Names<T>()
        where T : Attribute =>
        Functions.Where(method => method.GetParameters().Any(parameter => parameter.GetCustomAttribute<T>() is not null)).Select(NameOf);

    private static T Trigger<T>(string function)
        where T : Attribute =>
        ParameterOf<T>(function).GetCustomAttribute<T>()!;

    private static CustomAttributeData Data<T>(string function)
        where T : Attribute =>
        ParameterOf<T>(function).CustomAttributes.Single(attribute => attribute.AttributeType == typeof(T));

    private static ParameterInfo ParameterOf<T>(string function)
        where T : Attribute =>
        Functions.Single(method => NameOf(method) == function).GetParameters()
            .Single(parameter => parameter.GetCustomAttribute<T>() is not null);

    private static string NameOf(MethodInfo method) => method.GetCustomAttribute<FunctionAttribute>()!.Name;

    private static bool IsVisible(Type type) => type.IsNested ? type.IsNestedPublic && IsVisible(type.DeclaringType!) : type.IsPublic;

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
