namespace Modeldrop.Standalone.Demo;

/// <summary>The text on the console once the server listens.</summary>
/// <param name="Address">Address of the server, with a slash at its end.</param>
/// <param name="Connection">Connection to the storage account, for tools; null for a real account, whose connection must not be shown on a
/// screen.</param>
/// <param name="DropContainer">The container's full name.</param>
/// <param name="HasKey">Whether requests need a key.</param>
/// <param name="HasModels">Whether there is a model; if not, the banner says how to add the first one.</param>
internal sealed record Banner(Uri Address, string? Connection, string DropContainer, bool HasKey, bool HasModels)
{
    /// <summary>The code of a link that signs a browser in once; null: no sign-in is needed, or others could read the console.</summary>
    public string? Once { get; init; }

    /// <summary>The README's first example: the model with all its companions.</summary>
    public static readonly IReadOnlyList<string> FirstFiles =
        ["samples/iris/reference.csv", "samples/iris/validation.csv", "samples/iris/1/model.json", "samples/iris/1/model.onnx"];

    /// <summary>Scores the model of <see cref="FirstFiles"/>; it is the README's example too.</summary>
    public const string FirstRequest =
        """{"dataframe_records": [{"sepal length (cm)": 5.1, "sepal width (cm)": 3.5,"""
        + """ "petal length (cm)": 1.4, "petal width (cm)": 0.2}]}""";

    private string Header => HasKey ? "-H 'x-functions-key: <key>' " : "";

    public string Text() => $"""

          Modeldrop serves.

          page        {Address}{(Once is null ? "" : $"sign-in?once={Once} (signs one browser in, for an hour)")}
          drop        container '{DropContainer}':  <model>/model.onnx and its companions
        {Storage()}{(HasModels ? Serving() : First())}
          stop        Ctrl-C

        """;

    // The environment variable that the Azure CLI reads.
    private string Storage() => Connection is null ? "" : $"""
          storage     export AZURE_STORAGE_CONNECTION_STRING="{Connection}"

        """;

    private string Serving() => $"  models      curl {Header}{Address}v2/models";

    private string First() => $"""
          no model    There is no model yet. Register the first one, from the repository's folder, with what it is checked against:

                      curl {Header}{string.Join(" ", FirstFiles.Select(file => $"-F files=@{file}"))} {Address}api/models/iris/versions

                      A few seconds later the page shows it, or why it was refused. Then score:

                      curl {Header}{Address}models/iris/invocations -H 'Content-Type: application/json' -d '{FirstRequest}'

                      Your own: docs/your-first-model.md takes you from scikit-learn to drift and back.

        """;
}
