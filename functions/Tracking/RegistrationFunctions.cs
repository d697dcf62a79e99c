using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Calls;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>Registers files that MLflow's client uploaded, in the same way as a drop: validation, gates, promotion.</summary>
public sealed class RegistrationFunctions(
    SourceReader sources, ModelIntake intake, IntakeOperations operations, VersionNotesStore notes, LoggedModelService models,
    RegistryView view, TrackingAccess access)
{
    /// <summary>
    /// Answers as soon as the version has a number, before its validation ends. Repeating the call with the same files of the same folder
    /// returns the same version.
    /// </summary>
    [Function(nameof(CreateModelVersion))]
    [Takes(typeof(CreateModelVersionCall))]
    [Answers(typeof(OneModelVersion))]
    public async Task<IResult> CreateModelVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/2.0/mlflow/model-versions/create")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        CreateModelVersionCall call = await CallFields.ReadBodyAsync<CreateModelVersionCall>(request, cancellationToken);
        var said = new VersionNotes
        {
            Source = call.Source,
            RunLink = call.RunLink,
            Description = call.Description,
            Tags = VersionNotes.None.Tags.AddRange(call.Tags),
        };
        ModelName model = access.Check(request, call.Name);
        TrackingUser user = TrackingAccess.UserOf(request);
        ModelHead head = await view.GetHeadAsync(model, cancellationToken);
        VersionSource found = await sources.ReadAsync(call.Source, call.RunId, request.Host, user, cancellationToken);
        if (found.Folder.Version is { } copied)
        {
            access.Check(request, copied.Model.Value);
        }

        IntakePlan plan = await intake.PlanAsync(found, user, cancellationToken);
        int number = await operations.RegisterAsync(client, model, found, plan, user, cancellationToken);
        var version = new VersionName(model, number);
        string? loggedModel = found.Logged?.Id ?? call.ModelId;
        await notes.ChangeAsync(
            version,
            // If the version existed already, its first notes stay.
            before => before.Source is not null ? before : said with
            {
                RunId = call.RunId ?? found.Run?.Id, ModelId = loggedModel, User = user.Who.Name, Tags = said.Tags.AddRange(before.Tags),
            },
            cancellationToken);
        if (found.Logged is { } logged)
        {
            await models.ChangeAsync(
                logged.Id, one => one with { Registrations = one.Registrations.Add($"{model}/{number}") }, user, cancellationToken);
        }

        head = await view.GetHeadAsync(model, cancellationToken);
        return TrackingAnswer.Json(
            new OneModelVersion(await view.AnswerAsync(head, RegistryView.GetEntry(head, number), cancellationToken)));
    }
}
