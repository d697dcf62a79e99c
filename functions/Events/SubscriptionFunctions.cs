using Microsoft.AspNetCore.Http;
using Modeldrop.Events;
using Modeldrop.Functions.Http;

namespace Modeldrop.Functions.Events;

/// <summary>Subscriptions to the registry's events.</summary>
public sealed class SubscriptionFunctions(SubscriptionService subscriptions)
{
    /// <summary>All subscriptions, the oldest first, with the state of their delivery.</summary>
    [Function(nameof(ListSubscriptions))]
    [Answers(typeof(SubscriptionList))]
    public async Task<IResult> ListSubscriptions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/subscriptions")] HttpRequest request,
        CancellationToken cancellationToken) =>
        Answer.Json(await subscriptions.ListAsync(cancellationToken));

    [Function(nameof(GetSubscription))]
    [Answers(typeof(Subscription))]
    public async Task<IResult> GetSubscription(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/subscriptions/{subscription}")] HttpRequest request,
        string subscription,
        CancellationToken cancellationToken) =>
        Answer.Json(await subscriptions.GetAsync(subscription, cancellationToken));

    /// <summary>Subscribes a receiver to new events, or to all events after a cursor.</summary>
    [Function(nameof(CreateSubscription))]
    [Takes(typeof(NewSubscription))]
    [Answers(typeof(Subscription), StatusCodes.Status201Created)]
    public async Task<IResult> CreateSubscription(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/subscriptions")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        NewSubscription wanted = await RequestBody.ReadAsync<NewSubscription>(request, optional: false, cancellationToken);
        Subscription made = await subscriptions.CreateAsync(wanted, Caller.NameOf(request), cancellationToken);
        request.HttpContext.Response.Headers.Location = $"/api/subscriptions/{made.Id}";
        return Answer.Json(made, StatusCodes.Status201Created);
    }

    [Function(nameof(DeleteSubscription))]
    [Answers(typeof(Subscription))]
    public async Task<IResult> DeleteSubscription(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/subscriptions/{subscription}")] HttpRequest request,
        string subscription,
        CancellationToken cancellationToken) =>
        Answer.Json(await subscriptions.DeleteAsync(subscription, cancellationToken));

    /// <summary>Resumes a subscription from where it stopped or from another cursor.</summary>
    [Function(nameof(ResumeSubscription))]
    [Takes(typeof(SubscriptionResume), Optional = true)]
    [Answers(typeof(Subscription), StatusCodes.Status202Accepted)]
    public async Task<IResult> ResumeSubscription(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/subscriptions/{subscription}/resume")] HttpRequest request,
        string subscription,
        CancellationToken cancellationToken)
    {
        SubscriptionResume wish = await RequestBody.ReadAsync<SubscriptionResume>(request, optional: true, cancellationToken);
        return Answer.Json(
            await subscriptions.ResumeAsync(subscription, wish, cancellationToken), StatusCodes.Status202Accepted);
    }
}
