using Microsoft.AspNetCore.Http;
using Modeldrop.Access;
using Modeldrop.Functions.Http;

namespace Modeldrop.Functions.Access;

/// <summary>The API keys of the installation.</summary>
public sealed class KeyFunctions(KeyService keys)
{
    [Function(nameof(ListKeys))]
    [Answers(typeof(KeyList))]
    public async Task<IResult> ListKeys(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/keys")] HttpRequest request,
        CancellationToken cancellationToken) =>
        Answer.Json(new KeyList([.. (await keys.ListAsync(cancellationToken)).Select(View)]));

    /// <summary>Creates a key. 201 with its text, which cannot be read again.</summary>
    [Function(nameof(CreateKey))]
    [Takes(typeof(NewKey))]
    [Answers(typeof(MadeKey), StatusCodes.Status201Created)]
    public async Task<IResult> CreateKey(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/keys")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        NewKey wanted = await RequestBody.ReadAsync<NewKey>(request, optional: false, cancellationToken);
        (string text, AccessKey key) = await keys.CreateAsync(wanted, Caller.NameOf(request), cancellationToken);
        return Answer.Json(new MadeKey(text, View(key)), StatusCodes.Status201Created);
    }

    [Function(nameof(RevokeKey))]
    [Answers(typeof(KeyDetails))]
    public async Task<IResult> RevokeKey(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/keys/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) =>
        Answer.Json(View(await keys.RevokeAsync(id, Caller.NameOf(request), cancellationToken)));

    private static KeyDetails View(AccessKey key) => new(
        key.Id, key.Name, key.Role, key.Scope.Items, key.CreatedAt, key.CreatedBy, key.ExpiresAt, key.LastUsedAt, key.RevokedAt,
        key.RevokedBy);

    private sealed record KeyDetails(
        string Id, string Name, Role Role, IReadOnlyList<string> Scope, DateTimeOffset CreatedAt, string CreatedBy,
        DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt, string? RevokedBy);

    private sealed record KeyList(IReadOnlyList<KeyDetails> Keys);

    /// <param name="Key">Text of the key, which cannot be read again.</param>
    private sealed record MadeKey(string Key, KeyDetails Details);
}
