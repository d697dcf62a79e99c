using Microsoft.AspNetCore.Http;
using Modeldrop.Access;
using Modeldrop.Functions.Http;

namespace Modeldrop.Functions.Access;

/// <summary>The API keys of the installation.</summary>
public sealed class KeyFunctions(KeyService keys)
{
    [Function(nameof(ListKeys))]
    public async Task<IResult> ListKeys(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/keys")] HttpRequest request,
        CancellationToken cancellationToken) =>
        Answer.Json(new { keys = (await keys.ListAsync(cancellationToken)).Select(View).ToArray() });

    /// <summary>Makes a key. 201 with its text, which nobody can ask for again.</summary>
    [Function(nameof(CreateKey))]
    public async Task<IResult> CreateKey(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/keys")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        NewKey wanted = await RequestBody.ReadAsync<NewKey>(request, optional: false, cancellationToken);
        (string text, AccessKey key) = await keys.CreateAsync(wanted, Caller.NameOf(request), cancellationToken);
        return Answer.Json(new { key = text, details = View(key) }, StatusCodes.Status201Created);
    }

    [Function(nameof(RevokeKey))]
    public async Task<IResult> RevokeKey(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/keys/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) =>
        Answer.Json(View(await keys.RevokeAsync(id, Caller.NameOf(request), cancellationToken)));

    private static object View(AccessKey key) => new
    {
        id = key.Id,
        name = key.Name,
        role = key.Role,
        scope = key.Scope.Items,
        createdAt = key.CreatedAt,
        createdBy = key.CreatedBy,
        expiresAt = key.ExpiresAt,
        lastUsedAt = key.LastUsedAt,
        revokedAt = key.RevokedAt,
        revokedBy = key.RevokedBy,
    };
}
