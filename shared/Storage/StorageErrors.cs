using Azure;
using Modeldrop.Errors;

namespace Modeldrop.Storage;

/// <summary>Turns what the storage SDK throws into what our callers understand.</summary>
public static class StorageErrors
{
    /// <summary>404 and 409/412 become the given codes, everything else <see cref="ErrorCode.StoreUnavailable"/>.</summary>
    /// <param name="what">The thing that was read or written, for the message: <c>version 3 of 'flights'</c>.</param>
    public static ServiceException Translate(RequestFailedException exception, string what, ErrorCode notFound, ErrorCode conflict) =>
        exception.Status switch
        {
            404 => new ServiceException(notFound, $"There is no {what}.", exception),
            409 or 412 => new ServiceException(conflict, $"Somebody else changed {what} at the same moment; read it again and repeat.", exception),
            _ => Unavailable(exception, what),
        };

    public static ServiceException Unavailable(RequestFailedException exception, string what) =>
        new(ErrorCode.StoreUnavailable, $"The store failed on {what} (status {exception.Status} {exception.ErrorCode}); try again.", exception);
}
