using Microsoft.Extensions.DependencyInjection;

namespace Modeldrop.LocalHost;

/// <summary>Where services and middleware are registered.</summary>
public interface IFunctionsWorkerApplicationBuilder
{
    IServiceCollection Services { get; }

    IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware);
}
