using Modeldrop.Access;

namespace Modeldrop.Tests.Access;

public sealed class PrincipalTests
{
    [Theory]
    [InlineData(Role.Viewer, Permissions.Metadata | Permissions.Read)]
    [InlineData(Role.Scorer, Permissions.Metadata | Permissions.Score)]
    [InlineData(Role.Publisher, Permissions.Metadata | Permissions.Read | Permissions.Score | Permissions.Publish)]
    [InlineData(Role.Approver, Permissions.Metadata | Permissions.Read | Permissions.Score | Permissions.Approve)]
    [InlineData(Role.Owner, Permissions.Metadata | Permissions.Read | Permissions.Score | Permissions.Publish | Permissions.Approve
        | Permissions.Keys)]
    public void Of_Role_IsPinned(Role role, Permissions permissions) => Assert.Equal(permissions, RoleTable.Of(role));

    [Theory]
    [InlineData("owner", Role.Owner)]
    [InlineData("Scorer", Role.Scorer)]
    [InlineData("4", null)]
    [InlineData("owner,viewer", null)]
    [InlineData("", null)]
    public void Find_Name_IsARoleOrNull(string name, Role? role) => Assert.Equal(role, RoleTable.Find(name));

    [Theory]
    [InlineData("flights", true)]
    [InlineData("penguins", true)]
    [InlineData("iris", false)]
    [InlineData("Flights", false)]
    [InlineData("unknown", false)]
    [InlineData(null, false)]
    public void May_ScopeByNameAndTag_CoversOnlyMatchingModels(string? model, bool may)
    {
        Principal principal = With(Role.Publisher, "model:flights", "tag:team=birds");

        Assert.Equal(may, principal.May(Permissions.Publish, model, TagsOf));
        Assert.False(principal.May(Permissions.Approve, model, TagsOf));
        Assert.Equal(may, principal.May(Permissions.Approve | Permissions.Publish, model, TagsOf));
    }

    [Fact]
    public void May_SeveralGrants_DoNotCombineRoleAndScope()
    {
        var principal = new Principal("ci", PrincipalKind.Workload, "token", [
            .. With(Role.Publisher, "model:flights").Grants, .. With(Role.Viewer).Grants]);

        Assert.True(principal.May(Permissions.Publish, "flights", TagsOf));
        Assert.True(principal.May(Permissions.Read, "iris", TagsOf));
        Assert.False(principal.May(Permissions.Publish, "iris", TagsOf));
        Assert.True(principal.MaySomewhere(Permissions.Publish));
        Assert.False(principal.MaySomewhere(Permissions.Keys));
    }

    [Theory]
    [InlineData("model:flights")]
    [InlineData("tag:team=ops")]
    [InlineData("tag:team=")]
    public void Parse_Item_RoundTrips(string item)
    {
        List<string> violations = [];

        Assert.Equal([item], Scope.Parse([item], violations).Items);
        Assert.Empty(violations);
    }

    [Theory]
    [InlineData("flights")]
    [InlineData("model:")]
    [InlineData("model:../x")]
    [InlineData("tag:team")]
    [InlineData("tag:=ops")]
    public void Parse_AnythingElse_IsAViolation(string item)
    {
        List<string> violations = [];

        Scope.Parse([item], violations);

        Assert.Contains(item, Assert.Single(violations), StringComparison.Ordinal);
    }

    private static Principal With(Role role, params string[] scope) =>
        new("somebody", PrincipalKind.Key, "key", [new Grant(role, Scope.Parse(scope, []))]);

    private static Dictionary<string, string>? TagsOf(string model) => model switch
    {
        "penguins" => new() { ["team"] = "birds" },
        "iris" => new() { ["team"] = "flowers" },
        _ => null,
    };
}
