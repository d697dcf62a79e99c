using Modeldrop.Tests.Infra;

namespace Modeldrop.Tests.Faults;

/// <summary>Every fault is caught by the right check, and no new export of the same model is blocked.</summary>
public sealed class SeededFaultTests(FaultWorlds worlds) : IClassFixture<FaultWorlds>
{
    public static TheoryData<string> Faults => [.. SeededFaults.All.Select(fault => fault.Name)];

    public static TheoryData<string> Harmless => [.. SeededFaults.Harmless.Select(fault => fault.Name)];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fault_IsCaughtByItsCheck(string name)
    {
        SeededFault fault = SeededFaults.All.Single(one => one.Name == name);

        IReadOnlyList<string> failed = await worlds.JudgeAsync(fault);

        Assert.True(
            failed.Any(
                check => check == fault.Check || (fault.Check.EndsWith('.') && check.StartsWith(fault.Check, StringComparison.Ordinal))),
            $"{fault} must be caught by '{fault.Check}', but was caught by [{string.Join(", ", failed)}].");
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task NewExport_IsNotBlocked(string name) =>
        Assert.Empty(await worlds.JudgeAsync(SeededFaults.Harmless.Single(one => one.Name == name)));

    [Fact]
    public void Documentation_ListsEveryFaultWithItsCheck()
    {
        string page = RepositoryText.Read("docs/faults.md");

        Assert.All(SeededFaults.All, fault => Assert.Contains($"| {fault.Name} | `{fault.Check}", page, StringComparison.Ordinal));
        Assert.All(SeededFaults.Harmless, export => Assert.Contains($"* {export.Name}\n", page, StringComparison.Ordinal));
    }
}
