using Microsoft.Extensions.Logging;
using Modeldrop.Names;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;
using Modeldrop.Routing;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>The steps of a rollout. Each records its operation, so that a repetition finds what it has done.</summary>
public sealed partial class RolloutService(
    RegistryService registry,
    VersionStore versions,
    PromotionService promotion,
    FourEyesService fourEyes,
    RolloutCounterStore counters,
    RolloutAnswers answers,
    FeedbackStore feedback,
    TrafficRouter router,
    TimeProvider clock,
    ILogger<RolloutService> logger)
{
    public async Task<RolloutPlan> PlanAsync(RolloutRequest request, CancellationToken cancellationToken)
    {
        ModelName model = request.Model;
        ModelVersion version = await versions.GetAsync(request.Name, cancellationToken);
        ModelHead head = await registry.GetAsync(model, cancellationToken);
        AliasChange? moved = await FindMoveAsync(model, head, request, cancellationToken);
        int? champion = moved is null ? head.FindAlias(AliasName.Champion)?.Number : moved.From;
        bool isOlder = moved is null && champion is { } present
            && version.DroppedAt < (await versions.GetAsync(new VersionName(model, present), cancellationToken)).DroppedAt;
        RolloutPlan plan = RolloutPlanner.Plan(version.Manifest.Promotion, request.Overrides, request.Version, champion, isOlder);
        if (plan.Approval && version.Manifest.Promotion.FourEyes)
        {
            plan =
                plan with { FourEyes = [request.Actor, .. await fourEyes.DroppersAsync(request.Name, cancellationToken)] };
        }

        return head.Refusal is { } refusal ? plan with { Promote = false, Explanation = refusal } : plan;
    }

    /// <summary>
    /// Sends a share of the traffic to the candidate. This process follows before the call returns, others within two seconds.
    /// </summary>
    public async Task ShiftAsync(ShiftInput input, CancellationToken cancellationToken)
    {
        RolloutRequest rollout = input.Rollout;
        await registry.ShiftTrafficAsync(
            rollout.Name, input.Percent, ActorOf(rollout, rollout.Actor, rollout.Reason),
            cancellationToken);
        await router.RefreshAsync(cancellationToken);
    }

    /// <summary>Evaluates the rollout's traffic so far. Changes nothing.</summary>
    public async Task<GateReport> EvaluateAsync(GateInput input, CancellationToken cancellationToken)
    {
        RolloutRequest rollout = input.Rollout;
        ModelName model = rollout.Model;
        ModelHead head = await registry.GetAsync(model, cancellationToken);
        if (!IsRunning(head, rollout) || head.FindAlias(AliasName.Champion) is not { } champion)
        {
            return new GateReport(
                GateVerdict.Ended, "The champion was moved, or the rollout's traffic was taken back, by somebody else.", 0, 0, []);
        }

        RolloutCounts counts = await counters.ReadAsync(rollout.Operation, cancellationToken);
        VersionCounts ofChampion = counts.Of(champion.Number);
        VersionCounts ofCandidate = counts.Of(rollout.Version);
        IReadOnlyList<OutputShift> outputs = [];
        IReadOnlyList<FeedbackDrop> drops = [];
        if (Math.Min(ofChampion.Requests, ofCandidate.Requests) >= input.Gate.MinRequests)
        {
            var since = new DateTimeOffset(input.Since, TimeSpan.Zero);
            DateTimeOffset now = clock.GetUtcNow();
            Dictionary<PredictionId, StoredFeedback> labels = await feedback.ReadAsync(
                model, since, now, asOf: null, cancellationToken);
            (RolloutRows theirs, RolloutRows ours) = await answers.ReadAsync(
                new VersionName(model, champion.Number), rollout.Version, since, now, labels, cancellationToken);
            outputs = Math.Min(theirs.Answers.Count, ours.Answers.Count) >= input.Gate.MinRequests
                ? OutputComparison.Compare(theirs.Answers, ours.Answers)
                : [];
            drops = FeedbackComparison.Compare(theirs.Labelled, ours.Labelled);
        }

        return RolloutGate.Decide(input.Gate, new GateFigures(ofChampion, ofCandidate, outputs, drops), input.Looks);
    }

    /// <summary>Makes the candidate champion, unless somebody has ended the rollout.</summary>
    public async Task<FinishRolloutResult> FinishAsync(FinishRolloutInput input, CancellationToken cancellationToken)
    {
        RolloutRequest rollout = input.Rollout;
        string? reason = input.By is null
            ? rollout.Reason
            : string.Join(" ", new[] { rollout.Reason, $"Approved by {Words(input.By)}." }.OfType<string>());
        MoveResult? move = await promotion.MoveAsync(
            rollout.Name, onlyCandidate: input.WithSplit, ActorOf(
                rollout, rollout.Actor, reason), cancellationToken);
        return new FinishRolloutResult(move is not null, move);
    }

    /// <summary>Returns all traffic to the champion; the candidate stays validated. Does nothing if the candidate has no traffic.</summary>
    public async Task EndAsync(EndRolloutInput input, CancellationToken cancellationToken)
    {
        RolloutRequest rollout = input.Rollout;
        await registry.ShiftTrafficAsync(
            rollout.Name, percent: 0, ActorOf(rollout, input.By, input.Reason), cancellationToken);
        await router.RefreshAsync(cancellationToken);
    }

    public void Remind(ReminderInput input) =>
        Log.ApprovalWaits(logger, input.Rollout.Operation, input.Rollout.Version, input.Rollout.Model, input.Reminder, input.Until);

    /// <summary>
    /// Finds the move of this operation in case its plan was carried out but not stored: the result must be the same plan.
    /// </summary>
    private async Task<AliasChange?> FindMoveAsync(
        ModelName model, ModelHead head, RolloutRequest request, CancellationToken cancellationToken) =>
        head.FindVersion(request.Version)?.Status is VersionStatus.Champion or VersionStatus.Retired
            ? (await registry.AliasHistoryAsync(model, AliasName.Champion, cancellationToken)).FirstOrDefault(
                change => change.To == request.Version && change.Actor.Operation == request.Operation && !change.RolledBack)
            : null;

    private static bool IsRunning(ModelHead head, RolloutRequest rollout) =>
        head.Split?.Operation == rollout.Operation && head.Split.Version == rollout.Version;

    private static string Words(Identity who) => who.Known is { } known ? $"{who.Name} ({known})" : who.Name;

    private static Actor ActorOf(RolloutRequest rollout, Identity by, string? reason) => new(by, reason, rollout.Operation);

    private static partial class Log
    {
        [LoggerMessage(7001, LogLevel.Warning,
            "Operation {Operation} is waiting for approval of version {Version} of {Model} (reminder {Reminder}); it ends without one "
            + "at {Until:u}")]
        public static partial void ApprovalWaits(
            ILogger logger, OperationId operation, int version, ModelName model, int reminder, DateTime until);
    }
}
