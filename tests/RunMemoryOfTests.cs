using System.Runtime.CompilerServices;
using Modeldrop.Scoring.Sessions;

namespace Modeldrop.Tests;

/// <summary>
/// All tests of this process use the run memory of an instance of 2 GiB. As in the application, it is set before the first session.
/// </summary>
internal static class RunMemoryOfTests
{
    [ModuleInitializer]
    internal static void Limit() => RunMemory.Limit(512 << 20);
}
