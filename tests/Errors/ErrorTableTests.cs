using Modeldrop.Errors;

namespace Modeldrop.Tests.Errors;

public sealed class ErrorTableTests
{
    [Theory]
    [InlineData(ErrorCode.InvalidRequest, 400, false, Fault.Caller)]
    [InlineData(ErrorCode.InvalidTensor, 400, false, Fault.Caller)]
    [InlineData(ErrorCode.PayloadTooLarge, 413, false, Fault.Caller)]
    [InlineData(ErrorCode.UnsupportedEncoding, 415, false, Fault.Caller)]
    [InlineData(ErrorCode.UnsupportedMediaType, 415, false, Fault.Caller)]
    [InlineData(ErrorCode.Unauthorized, 401, false, Fault.Caller)]
    [InlineData(ErrorCode.Forbidden, 403, false, Fault.Caller)]
    [InlineData(ErrorCode.TooManyAttempts, 429, true, Fault.Caller)]
    [InlineData(ErrorCode.KeyNotFound, 404, false, Fault.Caller)]
    [InlineData(ErrorCode.RouteNotFound, 404, false, Fault.Caller)]
    [InlineData(ErrorCode.MethodNotAllowed, 405, false, Fault.Caller)]
    [InlineData(ErrorCode.ModelNotFound, 404, false, Fault.Caller)]
    [InlineData(ErrorCode.VersionNotFound, 404, false, Fault.Caller)]
    [InlineData(ErrorCode.AliasNotFound, 404, false, Fault.Caller)]
    [InlineData(ErrorCode.DatasetNotFound, 404, false, Fault.Caller)]
    [InlineData(ErrorCode.OperationNotFound, 404, false, Fault.Caller)]
    [InlineData(ErrorCode.PredictionNotFound, 404, false, Fault.Caller)]
    [InlineData(ErrorCode.FileNotFound, 404, false, Fault.Caller)]
    [InlineData(ErrorCode.RunNotFound, 404, false, Fault.Caller)]
    [InlineData(ErrorCode.AlreadyExists, 409, false, Fault.Caller)]
    [InlineData(ErrorCode.VersionNotReady, 409, false, Fault.Caller)]
    [InlineData(ErrorCode.OperationNotPending, 409, false, Fault.Caller)]
    [InlineData(ErrorCode.RegistryConflict, 409, true, Fault.Caller)]
    [InlineData(ErrorCode.AliasConflict, 409, true, Fault.Caller)]
    [InlineData(ErrorCode.ModelOverloaded, 503, true, Fault.Platform)]
    [InlineData(ErrorCode.MemoryExhausted, 503, true, Fault.Platform)]
    [InlineData(ErrorCode.ModelLoadFailed, 503, true, Fault.Model)]
    [InlineData(ErrorCode.ScoringFailed, 500, false, Fault.Model)]
    [InlineData(ErrorCode.NotOffered, 501, false, Fault.Caller)]
    [InlineData(ErrorCode.StoreUnavailable, 503, true, Fault.Platform)]
    public void Get_Code_IsPinned(ErrorCode code, int status, bool retryable, Fault fault)
    {
        ErrorRow row = ErrorTable.Get(code);

        Assert.Equal((status, retryable, fault), (row.Status, row.Retryable, row.Fault));
        Assert.NotEmpty(row.Title);
    }

    [Fact]
    public void Get_EveryCode_HasARow()
    {
        foreach (ErrorCode code in Enum.GetValues<ErrorCode>())
        {
            Assert.InRange(ErrorTable.Get(code).Status, 400, 599);
        }
    }
}
