using System.Globalization;
using Microsoft.AspNetCore.Http;
using Modeldrop.Access;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;

namespace Modeldrop.Functions.Access;

/// <summary>The page of keys. It works without scripts.</summary>
public sealed class KeyPages(KeyService keys, TimeProvider clock)
{
    [Function(nameof(ShowKeys))]
    public Task<IResult> ShowKeys(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/keys")] HttpRequest request,
        CancellationToken cancellationToken) => PageAsync(null, null, StatusCodes.Status200OK, cancellationToken);

    [Function(nameof(MakeKey))]
    public Task<IResult> MakeKey(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "console/keys")] HttpRequest request,
        CancellationToken cancellationToken) =>
        TryAsync(async () =>
        {
            IFormCollection form = await SignInFunctions.ReadAsync(request, cancellationToken);
            string[] scope = form["scope"].ToString().Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
            DateTimeOffset? end = int.TryParse(form["days"], NumberStyles.None, CultureInfo.InvariantCulture, out int days) && days < 10_000
                ? clock.GetUtcNow().AddDays(days)
                : null;
            var wanted = new NewKey(form["name"], form["role"], scope, end);
            (string text, _) = await keys.CreateAsync(wanted, Caller.NameOf(request), cancellationToken);
            return await PageAsync(text, null, StatusCodes.Status200OK, cancellationToken);
        }, cancellationToken);

    [Function(nameof(RevokeKeyOfPage))]
    public Task<IResult> RevokeKeyOfPage(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "console/keys/{id}/revoke")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) =>
        TryAsync(async () =>
        {
            await keys.RevokeAsync(id, Caller.NameOf(request), cancellationToken);
            return Results.LocalRedirect("/console/keys");
        }, cancellationToken);

    /// <summary>Shows the violations of a form on the page.</summary>
    private async Task<IResult> TryAsync(Func<Task<IResult>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action();
        }
        catch (ServiceException exception) when (ErrorTable.Get(exception.Code).Fault == Fault.Caller)
        {
            return await PageAsync(null, exception.Message, ErrorTable.Get(exception.Code).Status, cancellationToken);
        }
    }

    private async Task<IResult> PageAsync(string? made, string? message, int status, CancellationToken cancellationToken) =>
        Answer.Page<KeysPage, KeysView>(
            new KeysView(await keys.ListAsync(cancellationToken), clock.GetUtcNow(), made, message), status);
}
