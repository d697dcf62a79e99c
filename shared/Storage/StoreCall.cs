using System.Runtime.CompilerServices;
using Azure;
using Modeldrop.Errors;

namespace Modeldrop.Storage;

/// <summary>Runs a call to the store and translates uncaught exceptions of the SDK to <see cref="ErrorCode.StoreUnavailable"/>.</summary>
internal static class StoreCall
{
    /// <param name="what">The thing that is read or written, for the message: <c>the head of 'flights'</c>.</param>
    public static async Task<T> RunAsync<T>(string what, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception exception) when (exception.IsStorageFailure())
        {
            throw exception.ToUnavailable(what);
        }
    }

    public static async Task RunAsync(string what, Func<Task> call) =>
        await RunAsync(what, async () =>
        {
            await call();
            return true;
        });

    /// <summary>All items of all pages.</summary>
    public static async IAsyncEnumerable<T> EnumerateAsync<T>(
        string what, AsyncPageable<T> items, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : notnull
    {
        await using IAsyncEnumerator<Page<T>> pages = items.AsPages().GetAsyncEnumerator(cancellationToken);
        while (await RunAsync(what, () => pages.MoveNextAsync().AsTask()))
        {
            foreach (T item in pages.Current.Values)
            {
                yield return item;
            }
        }
    }
}
