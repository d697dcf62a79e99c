using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;
using Modeldrop.Pages;
using Modeldrop.Registry;
using Modeldrop.Site.Operations;

namespace Modeldrop.Tests.Site.Operations;

public sealed class OperationPagesTests
{
    private const string Hostile = "<script>alert('x')</script>";
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("completed", OperationOutcome.Done, "done", "validated")]
    [InlineData("completed", OperationOutcome.Unchanged, "nothing to do", "validated")]
    [InlineData("completed", OperationOutcome.Rejected, "refused", "rejected")]
    [InlineData("completed", OperationOutcome.Superseded, "replaced by a newer drop", "none")]
    [InlineData("completed", OperationOutcome.RolledBack, "rolled back by the gate", "rejected")]
    [InlineData("completed", OperationOutcome.Cancelled, "cancelled", "none")]
    [InlineData("completed", OperationOutcome.Declined, "not approved", "rejected")]
    [InlineData("failed", null, "failed", "rejected")]
    [InlineData("terminated", null, "ended by a person", "rejected")]
    [InlineData("running", null, "staging", "running")]
    public void Words_OfAnOperation_DescribeItsState(string status, OperationOutcome? outcome, string words, string style)
    {
        Operation operation = One(status, outcome);

        Assert.Equal((words, style), (OperationWords.StateOf(operation), OperationWords.StyleOf(operation)));
    }

    [Fact]
    public void Page_OfARunningOperation_IsLiveAndCanBeCancelled()
    {
        string page = Render(One("running", null));

        Assert.Contains("data-live=\"2000\"", page, StringComparison.Ordinal);
        Assert.Contains("<noscript><meta http-equiv=\"refresh\"", page, StringComparison.Ordinal);
        Assert.Contains("data-url=\"/api/operations/flights~register~1/cancel\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/approve\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_OfAnOperationThatWaitsForApproval_DescribesTheConsequences()
    {
        Operation waiting = One("running", null) with
        {
            Rollout = new RolloutProgress(RolloutProgress.WaitingForApproval, 2, [5, 100], 0, Noon.UtcDateTime, null),
        };

        string page = Render(waiting);

        Assert.Contains("The rollout of version 2 begins: 5 % of the traffic, then 100 % of the traffic.", page, StringComparison.Ordinal);
        Assert.Contains("data-url=\"/api/operations/flights~register~1/approve\"", page, StringComparison.Ordinal);
        Assert.Contains("data-url=\"/api/operations/flights~register~1/reject\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_OfAnEndedOperation_IsNotLiveAndHasNoActions()
    {
        Operation ended = One("completed", OperationOutcome.Rejected) with { Reasons = [Hostile, "Second."], Version = 3 };

        string page = Render(ended);

        Assert.DoesNotContain("data-live", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/cancel\"", page, StringComparison.Ordinal);
        Assert.Contains("<li>Second.</li>", page, StringComparison.Ordinal);
        Assert.Contains("/console/models/flights/versions/3", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void List_OfADropWithoutAModelName_HasNoLinkToAModel()
    {
        Operation nameless = One("completed", OperationOutcome.Rejected) with { Model = ModelName.Unnamed };
        var view = new OperationListView([nameless], null, null, "next", true);

        string page = HtmlPage.Render<OperationListPage, OperationListView>(view);

        Assert.DoesNotContain("/console/models/", page, StringComparison.Ordinal);
        Assert.Contains("/console/operations?page=next", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-live", page, StringComparison.Ordinal);
    }

    private static string Render(Operation operation) => HtmlPage.Render<OperationPage, OperationView>(
        new OperationView(operation, ModelHead.Empty(ModelName.Parse("flights"))));

    private static Operation One(string status, OperationOutcome? outcome) => new(
        Ids.Operation("1"), "register", ModelName.Parse("flights"), status, outcome, null, [],
        [new OperationStep("staging", Noon.UtcDateTime)], null, Noon, Noon, null, null, null);
}
