using Azure;
using Modeldrop.Errors;

namespace Modeldrop.Storage;

/// <summary>
/// Distinguishes failures of the storage account from bugs. The SDK throws two kinds: the account's error answer, and an aggregate when no
/// attempt reached the account. <see cref="StorePatience"/> throws a third.
/// </summary>
public static class StorageFailures
{
    public static bool IsStorageFailure(this Exception exception) => exception switch
    {
        RequestFailedException or TimeoutException => true,
        AggregateException aggregate => aggregate.InnerExceptions.All(inner =>
            inner is RequestFailedException or IOException or HttpRequestException or TimeoutException or OperationCanceledException),
        _ => false,
    };

    /// <param name="what">The thing that was read or written, for the message: <c>the head of 'flights'</c>.</param>
    public static ServiceException ToUnavailable(this Exception exception, string what) => new(
        ErrorCode.StoreUnavailable,
        exception is RequestFailedException { Status: > 0 } answered
            ? $"The store failed on {what} (status {answered.Status} {answered.ErrorCode}); try again."
            : $"The store does not answer on {what}; try again.",
        exception);
}
