using Modeldrop.Tracking.Runs;

namespace Modeldrop.Site.Runs;

/// <summary>Experiments and their runs.</summary>
/// <param name="Experiments">The newest first.</param>
/// <param name="Shown">The experiment whose runs are shown; null: those of all.</param>
/// <param name="Runs">The newest first, as many as the page shows.</param>
/// <param name="Total">How many there are.</param>
public sealed record RunListView(IReadOnlyList<Experiment> Experiments, Experiment? Shown, IReadOnlyList<Run> Runs, int Total);

/// <summary>A run.</summary>
/// <param name="Models">What it has logged, the newest first.</param>
public sealed record RunView(Experiment Experiment, Run Run, IReadOnlyList<LoggedModel> Models);
