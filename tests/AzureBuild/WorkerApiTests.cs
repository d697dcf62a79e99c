namespace Modeldrop.Tests.AzureBuild;

/// <summary>The local host has no more than the real worker: a function that compiles here uses only what is there.</summary>
public sealed class WorkerApiTests
{
    [Fact]
    public void Functions_UseOnlyMembersOfTheRealPackages()
    {
        IReadOnlyDictionary<string, IReadOnlySet<string>> real = WorkerApi.Read();
        IReadOnlyList<UsedMember> used = UsedMembers.Read(typeof(Modeldrop.Functions.Lifecycle.DropArrived).Assembly.Location, "Modeldrop.LocalHost");

        string[] unknown = [.. used
            .Where(member => !real.TryGetValue(member.Type, out IReadOnlySet<string>? members) || !members.Contains(member.Member))
            .Select(member => $"{member.Type}.{member.Member}")];

        Assert.NotEmpty(used);
        Assert.True(unknown.Length == 0, "Not on worker-api.txt: " + string.Join(", ", unknown));
    }
}
