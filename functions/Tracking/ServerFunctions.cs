using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Tracking.Answers;

namespace Modeldrop.Functions.Tracking;

/// <summary>Calls of MLflow's client about the server itself.</summary>
public sealed class ServerFunctions
{
    /// <summary>The supported ways to transfer files: whole files only.</summary>
    [Function(nameof(GetServerInfo))]
    [Answers(typeof(ServerInfo))]
    public IResult GetServerInfo(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/3.0/mlflow/server-info")] HttpRequest request) =>
        TrackingAnswer.Json(new ServerInfo(MultipartUploadsEnabled: false, MultipartDownloadsEnabled: false, WorkspacesEnabled: false));

    /// <summary>Answers all other calls. The client then tries another call or reports that the server does not support it.</summary>
    [Function(nameof(AnswerUnknownCall))]
    [Answers(null, StatusCodes.Status404NotFound)]
    public IResult AnswerUnknownCall(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete",
            Route = "api/2.0/mlflow/{*call}")] HttpRequest request,
        string call) =>
        throw new ServiceException(ErrorCode.RouteNotFound, $"There is no call '{request.Method} mlflow/{call}' here.");
}
