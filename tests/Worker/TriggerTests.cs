using System.Text.Json;
using Modeldrop.Functions.Lifecycle.Registration;
using Modeldrop.Functions.Lifecycle.Rollouts;
using Modeldrop.Functions.Monitoring;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;
using Modeldrop.Tests.Worker.Protocol;
using Status = Modeldrop.Tests.Worker.Protocol.StatusResult.Types.Status;

namespace Modeldrop.Tests.Worker;

/// <summary>Timers and activities: input and result are text.</summary>
public sealed class TriggerTests(WorkerFixture fixture) : WorkerTests(fixture)
{
    private const string TimerInfo = """{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}""";

    [Theory]
    [InlineData(nameof(MonitoringTimers.FoldPredictions))]
    [InlineData(nameof(MonitoringTimers.CheckDrift))]
    public async Task Timer_WhenDue_Runs(string function)
    {
        InvocationResponse response = await Worker.InvokeAsync(function, new TypedData { Json = TimerInfo }, Cancellation);

        Assert.Equal((Status.Success, null), (response.Result.Status, response.Result.Exception?.Message));
    }

    [Fact]
    public async Task Activity_Result_IsWrittenAsJson()
    {
        var drop = new RegisterInput("nothing/here/model.onnx", "\"0x1\"", "test");

        InvocationResponse response = await InvokeActivityAsync(
            nameof(RegisterActivities.FinishDrop),
            new FinishDropInput(Ids.Operation("operation"), drop, null, HasSlot: true, Version: null, []));

        Assert.Equal((Status.Success, null), (response.Result.Status, response.Result.Exception?.Message));
        Assert.Equal("[]", response.ReturnValue.Json);
    }

    [Fact]
    public async Task Activity_Exception_FailsWithItsMessage()
    {
        var move = new RollBackVersionInput(Ids.Operation("operation"), new RollBackInput(ModelName.Parse("nobody"), null, "test", null));

        InvocationResponse response = await InvokeActivityAsync(nameof(RollBackActivities.RollBackChampion), move);

        Assert.Equal(Status.Failure, response.Result.Status);
        Assert.Contains("nobody", response.Result.Exception.Message, StringComparison.Ordinal);
    }

    private Task<InvocationResponse> InvokeActivityAsync(string activity, object input) =>
        Worker.InvokeAsync(activity, new TypedData { String = JsonSerializer.Serialize(input) }, Cancellation);
}
