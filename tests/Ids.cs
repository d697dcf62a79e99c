using Modeldrop.Names;

namespace Modeldrop.Tests;

/// <summary>Ids for tests.</summary>
internal static class Ids
{
    /// <summary>The id of the registration <c>&lt;model&gt;~register~&lt;suffix&gt;</c>.</summary>
    public static OperationId Operation(string suffix, string model = "flights") => OperationId.Parse($"{model}~register~{suffix}");
}
