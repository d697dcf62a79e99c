using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tracking.Answers;
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
    [Answers(typeof(OneModelVersion))]
    public async Task<IResult> CreateModelVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/2.0/mlflow/model-versions/create")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        string name = fields.Required("name");
        string source = fields.Required("source", maxChars: 2_000);
        string? run = fields.Text("run_id", maxChars: 250);
        var said = new VersionNotes
        {
            Source = source,
            RunLink = fields.Text("run_link"),
            Description = fields.Text("description", maxChars: 100_000),
            Tags = VersionNotes.None.Tags.AddRange(fields.Pairs("tags")),
        };
        string? modelId = fields.Text("model_id", maxChars: 250);
        fields.Check();
        ModelName model = access.Check(request, name);
        TrackingUser user = TrackingAccess.UserOf(request);
        ModelHead head = await view.GetHeadAsync(model, cancellationToken);
        VersionSource found = await sources.ReadAsync(source, run, request.Host, user, cancellationToken);
        if (found.Folder.Version is { } copied)
        {
            access.Check(request, copied.Model.Value);
        }

        IntakePlan plan = await intake.PlanAsync(found, user, cancellationToken);
        int number = await operations.RegisterAsync(client, model, found, plan, user, cancellationToken);
        var version = new VersionName(model, number);
        string? loggedModel = found.Logged?.Id ?? modelId;
        await notes.ChangeAsync(
            version,
            // If the version existed already, its first notes stay.
            before => before.Source is not null ? before : said with
            {
                RunId = run ?? found.Run?.Id, ModelId = loggedModel, User = user.Who.Name, Tags = said.Tags.AddRange(before.Tags),
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
