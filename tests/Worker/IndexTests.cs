using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Modeldrop.Functions;

namespace Modeldrop.Tests.Worker;

public sealed class IndexTests(WorkerFixture fixture) : WorkerTests(fixture)
{
    [Fact]
    public void Index_EveryFunction_IsFoundAndLoads()
    {
        IEnumerable<string> written = typeof(ModeldropApp).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Select(method => method.GetCustomAttribute<FunctionAttribute>())
            .OfType<FunctionAttribute>()
            .Select(function => function.Name);

        IEnumerable<string> indexed = Worker.Functions.Select(function => function.Name);
        Assert.Equal(written.Order(StringComparer.Ordinal), indexed.Order(StringComparer.Ordinal));
        Assert.Empty(Worker.LoadFailures);
    }
}
