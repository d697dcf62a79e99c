using Modeldrop.Tracking.Runs;

namespace Modeldrop.Site.Runs;

/// <summary>Experiments and their runs.</summary>
/// <param name="Experiments">Newest first.</param>
/// <param name="Shown">The experiment whose runs are shown; null: runs of all.</param>
/// <param name="Runs">The newest runs that fit on the page, newest first.</param>
/// <param name="Total">Number of all runs.</param>
public sealed record RunListView(IReadOnlyList<Experiment> Experiments, Experiment? Shown, IReadOnlyList<Run> Runs, int Total);

/// <summary>A run.</summary>
/// <param name="Models">Its logged models, newest first.</param>
public sealed record RunView(Experiment Experiment, Run Run, IReadOnlyList<LoggedModel> Models);
