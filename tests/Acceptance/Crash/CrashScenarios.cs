using Modeldrop.Tests.Acceptance.Crash.Scenarios;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>All scenarios.</summary>
internal static class CrashScenarios
{
    public static IReadOnlyList<CrashScenario> All() =>
    [
        new PromoteByHand(),
        new PromoteInSteps(),
        new RollBack(),
        new FirstVersion(),
        new NextVersion(),
        new SameBytes(),
        new UploadedVersion(),
        new RejectedVersion(),
        new RefusedDrop(),
        new LateCompanions(),
        new CancelledRegistration("inspecting"),
        new CancelledRegistration("validating"),
    ];
}
