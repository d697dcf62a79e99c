using System.Globalization;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking.Artifacts;

/// <summary>
/// The location of an artifact, below <c>mlflow-artifacts:/</c>. Three kinds of folders hold artifacts; any other path is invalid.
/// </summary>
/// <remarks>
/// <c>&lt;experiment&gt;/&lt;run&gt;/artifacts/…</c>, <c>&lt;experiment&gt;/models/&lt;logged model&gt;/artifacts/…</c>, and
/// <c>models/&lt;model&gt;/&lt;version&gt;/…</c>, whose files are those of a registered version and never change.
/// </remarks>
public sealed record ArtifactPath
{
    /// <summary>Characters of a path: blob names have at most 1,024.</summary>
    private const int MaxChars = 900;

    private const string Scheme = "mlflow-artifacts:/";
    private const string Models = "models";
    private const string Folder = "artifacts";

    private ArtifactPath(string root, string inside)
    {
        Root = root;
        Inside = inside;
    }

    /// <summary>The folder of the run, logged model or version, without the final <c>/</c>.</summary>
    public string Root { get; }

    /// <summary>The path in the root; empty: the root itself.</summary>
    public string Inside { get; }

    public string? Experiment { get; private init; }

    public string? Run { get; private init; }

    public string? LoggedModel { get; private init; }

    /// <summary>The registered version that the folder belongs to; null: it belongs to a run or a logged model.</summary>
    public VersionName? Version { get; private init; }

    public string FullPath => Inside.Length == 0 ? Root : $"{Root}/{Inside}";

    /// <summary>The address that clients use.</summary>
    public string Uri => Scheme + FullPath;

    public static ArtifactPath OfRun(string experiment, string run) =>
        new($"{experiment}/{run}/{Folder}", "") { Experiment = experiment, Run = run };

    public static ArtifactPath OfLoggedModel(string experiment, string model) =>
        new($"{experiment}/{Models}/{model}/{Folder}", "") { Experiment = experiment, LoggedModel = model };

    public static ArtifactPath OfVersion(VersionName version) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Models}/{version.Model}/{version.Number}"), "") { Version = version };

    /// <param name="path">Decoded once: a part that still looks encoded is a plain name.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/>.</exception>
    public static ArtifactPath Parse(string path)
    {
        string[] segments = path.TrimEnd('/').Split('/');
        if (path.Length > MaxChars || !segments.All(FileNames.IsSafe))
        {
            throw new ServiceException(ErrorCode.InvalidRequest,
                $"'{ErrorText.Shortened(path, 200)}' is not an artifact path. It must be names separated by '/', without '..', '\\' and "
                + $"':', and have at most {MaxChars} characters.");
        }

        ArtifactPath? root = segments switch
        {
            [Models, var name, var number, ..] when ModelName.Find(name) is { } model
                && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int version) =>
                OfVersion(new VersionName(model, version)),
            [var experiment, Models, var model, Folder, ..]
                when TrackingIds.IsExperiment(experiment) && TrackingIds.IsLoggedModel(model) => OfLoggedModel(experiment, model),
            [var experiment, var run, Folder, ..] when TrackingIds.IsExperiment(experiment) && TrackingIds.IsRun(run) =>
                OfRun(experiment, run),
            _ => null,
        };
        return root is null
            ? throw new ServiceException(ErrorCode.InvalidRequest,
                $"'{path}' is not an artifact path; artifacts are below '<experiment>/<run>/artifacts', "
                + "'<experiment>/models/<logged model>/artifacts' and 'models/<model>/<version>'.")
            : root.At(string.Join('/', segments.Skip(root.Root.Split('/').Length)));
    }

    /// <summary>A path in this folder.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/>.</exception>
    public ArtifactPath At(string? inside) =>
        string.IsNullOrEmpty(inside) ? this
        : inside.Split('/').All(FileNames.IsSafe) && FullPath.Length + inside.Length < MaxChars
            ? new ArtifactPath(Root, Inside.Length == 0 ? inside : $"{Inside}/{inside}")
            {
                Experiment = Experiment, Run = Run, LoggedModel = LoggedModel, Version = Version,
            }
        : throw new ServiceException(ErrorCode.InvalidRequest, $"'{inside}' is not an artifact path.");

    public override string ToString() => FullPath;
}

/// <summary>A file or a folder.</summary>
/// <param name="Name">The last part of its path.</param>
/// <param name="Bytes">Null for a folder.</param>
/// <param name="Stamp">Changes with the content; empty for a folder.</param>
/// <param name="IsGenerated">The file is not stored; its content is generated when it is read.</param>
public sealed record ArtifactFile(string Name, long? Bytes, string Stamp = "", bool IsGenerated = false)
{
    public bool IsFolder => Bytes is null;
}
