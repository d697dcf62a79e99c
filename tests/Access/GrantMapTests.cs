using Modeldrop.Access;

namespace Modeldrop.Tests.Access;

public sealed class GrantMapTests
{
    [Fact]
    public void Of_RolesAndGroups_GivesTheGrantsOfTheMap()
    {
        List<string> violations = [];
        var map = GrantMap.Parse("Boss=owner; d1b8=viewer ; d1b8=publisher model:flights tag:team=ops;scorer=viewer", violations);

        Assert.Empty(violations);
        Assert.Equal(["Owner all models"], Words(map.Of(["boss"], [])));
        Assert.Equal(["Viewer all models", "Publisher model:flights, tag:team=ops"], Words(map.Of([], ["d1b8"])));
        Assert.Equal(["Viewer all models", "Approver all models"], Words(map.Of(["scorer", "approver"], [])));
        Assert.Empty(map.Of(["nobody"], ["owner", "approver"]));
    }

    [Theory]
    [InlineData("Boss")]
    [InlineData("=owner")]
    [InlineData("Boss=chief")]
    [InlineData("Boss=viewer flights")]
    public void Parse_AnythingElse_IsAViolation(string text)
    {
        List<string> violations = [];

        GrantMap.Parse(text, violations);

        Assert.Single(violations);
    }

    private static IEnumerable<string> Words(IEnumerable<Grant> grants) => grants.Select(grant => $"{grant.Role} {grant.Scope}");
}
