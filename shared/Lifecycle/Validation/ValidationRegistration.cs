using Microsoft.Extensions.DependencyInjection;

namespace Modeldrop.Lifecycle.Validation;

public static class ValidationRegistration
{
    /// <summary>The checks of validation; needs <c>AddProbe</c> and <c>AddRegistry</c>.</summary>
    public static IServiceCollection AddValidation(this IServiceCollection services) =>
        services.AddSingleton<Validator>().AddSingleton<ValidationReports>();
}
