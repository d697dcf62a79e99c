namespace Modeldrop.Functions.Http;

/// <summary>What a function answers, for the description of the API; several where it depends on the request.</summary>
/// <param name="type">Of the JSON; null: it is no JSON, or a document that is not described further.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class AnswersAttribute(Type? type, int status = 200) : Attribute
{
    public Type? Type { get; } = type;

    public int Status { get; } = status;

    public string ContentType { get; init; } = "application/json";
}

/// <summary>What the body of a request is, for the description of the API; several where there are several ways.</summary>
/// <param name="type">Of the JSON; null: it is no JSON.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class TakesAttribute(Type? type) : Attribute
{
    public Type? Type { get; } = type;

    public string ContentType { get; init; } = "application/json";

    public bool Optional { get; init; }
}
