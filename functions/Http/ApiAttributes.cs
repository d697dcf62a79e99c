namespace Modeldrop.Functions.Http;

/// <summary>Describes an answer of a function for the API description; repeated if the answer depends on the request.</summary>
/// <param name="type">Type of the JSON; null: the answer is not JSON, or a document without a further description.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class AnswersAttribute(Type? type, int status = 200) : Attribute
{
    public Type? Type { get; } = type;

    public int Status { get; } = status;

    public string ContentType { get; init; } = "application/json";
}

/// <summary>
/// Describes the body of a request for the API description; repeated if there are several forms. With a call of MLflow's protocol,
/// describes the query of a <c>GET</c>.
/// </summary>
/// <param name="type">Type of the JSON; null: the body is not JSON.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class TakesAttribute(Type? type) : Attribute
{
    public Type? Type { get; } = type;

    public string ContentType { get; init; } = "application/json";

    public bool Optional { get; init; }
}
