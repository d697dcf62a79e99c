using System.Text.Json;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Standalone.Durable;

namespace Modeldrop.Tests.Infra;

/// <summary>host.json: the values that the Functions host accepts and the product relies on.</summary>
public sealed class HostJsonTests
{
    private static readonly JsonElement Host = JsonDocument.Parse(RepositoryText.Read("host.json")).RootElement;

    [Fact]
    public void Host_Version_Is2() => Assert.Equal("2.0", Host.GetProperty("version").GetString());

    [Fact]
    public void Http_RoutePrefix_IsEmpty() =>
        Assert.Equal("", Host.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());

    [Fact]
    public void Blobs_PoisonThreshold_EqualsThatOfStandalone() =>
        Assert.Equal(5, Host.GetProperty("extensions").GetProperty("blobs").GetProperty("poisonBlobThreshold").GetInt32());

    [Fact]
    public void Durable_TaskHub_HasALegalNameAndPollsOften()
    {
        JsonElement durable = Host.GetProperty("extensions").GetProperty("durableTask");
        JsonElement provider = durable.GetProperty("storageProvider");

        Assert.Matches("^[A-Za-z][A-Za-z0-9]{2,44}$", durable.GetProperty("hubName").GetString());
        Assert.InRange(provider.GetProperty("partitionCount").GetInt32(), 1, 16);
        // With a longer interval an orchestration on a fresh Flex Consumption instance would wait as long.
        Assert.InRange(
            TimeSpan.Parse(provider.GetProperty("maxQueuePollingInterval").GetString()!), TimeSpan.FromSeconds(1),
            TimeSpan.FromSeconds(10));
    }

    /// <remarks>A message that a killed instance took stays invisible for this time; an operation must continue within 90 s.</remarks>
    [Theory]
    [InlineData("controlQueueVisibilityTimeout")]
    [InlineData("workItemQueueVisibilityTimeout")]
    public void Durable_VisibilityTimeout_LetsAKilledOperationContinueSoon(string setting)
    {
        JsonElement provider = Host.GetProperty("extensions").GetProperty("durableTask").GetProperty("storageProvider");
        TimeSpan timeout = TimeSpan.Parse(provider.GetProperty(setting).GetString()!);
        TimeSpan polling = TimeSpan.Parse(provider.GetProperty("maxQueuePollingInterval").GetString()!);

        // The engine renews a lock 30 s before it expires, so a shorter lock would be renewed constantly, at one transaction each.
        Assert.InRange(timeout, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90) - polling);
    }

    /// <summary>The default is ten per core: two batches would delay a promotion.</summary>
    [Fact]
    public void Durable_Activities_LeaveRoomForQuickOnesBesidesAllSlowOnes()
    {
        var slow = new LifecycleOptions();
        int most = Host.GetProperty("extensions").GetProperty("durableTask").GetProperty("maxConcurrentActivityFunctions").GetInt32();

        Assert.Equal(new DurableOptions().MaxActivities, most);
        Assert.True(most >= (2 * slow.RegistrationSlots) + (8 * slow.BatchSlots) + 8);
    }

    [Fact]
    public void Durable_Tracing_KeepsPayloadsOutOfTheLogs() =>
        Assert.False(
            Host.GetProperty("extensions").GetProperty("durableTask").GetProperty("tracing").GetProperty("traceInputsAndOutputs")
                .GetBoolean());

    [Fact]
    public void Logging_Sampling_ExcludesExceptions() =>
        Assert.Contains("Exception", Host.GetProperty("logging").GetProperty("applicationInsights")
            .GetProperty("samplingSettings").GetProperty("excludedTypes").GetString()!.Split(';'));
}
