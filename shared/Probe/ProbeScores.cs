using Modeldrop.Tensors;

namespace Modeldrop.Probe;

/// <summary>What became of each scoring of a folder, in their order. The tensors stay on disk until they are read.</summary>
internal sealed class ProbeScores(long maxBytes) : IDisposable
{
    private readonly List<WorkFolder> _works = [];
    private readonly List<(string Folder, ProbeResult Result)> _results = [];

    public int Count => _results.Count;

    /// <summary>A child's work folder, kept as long as this.</summary>
    public WorkFolder Keep(WorkFolder work)
    {
        _works.Add(work);
        return work;
    }

    /// <param name="folder">Where the tensors of <paramref name="result"/> lie.</param>
    public void Add(string folder, ProbeResult result) => _results.Add((folder, result));

    /// <summary>Replaces the last result: the process that left it did not end as it should.</summary>
    public void Refuse(ProbeResult result) => _results[^1] = (_results[^1].Folder, result);

    /// <summary>Reads the answer of a scoring into memory.</summary>
    public ScoreOutcome Read(int index)
    {
        (string folder, ProbeResult result) = _results[index];
        if (result.Reasons.Count > 0 || result.Figures is not { } figures)
        {
            return ScoreOutcome.Failed(result.Reasons.Count > 0 ? result.Reasons : [ProbeService.NoAnswer]);
        }

        try
        {
            var outcome = new ScoreOutcome(
                figures,
                Find(folder, ProbeResult.OutputsFile) ?? [],
                Find(folder, ProbeResult.InputsFile) ?? [],
                Find(folder, ProbeResult.LabelsFile)?[0].Strings,
                [.. figures.ExampleFailures.Select((failure, example) => failure is null ? Find(folder, ProbeResult.ExampleFile(example))
                    : null)],
                []);
            bool fits = outcome.Outputs.Concat(outcome.Inputs).All(tensor => tensor.Shape is [long rows, ..] && rows == figures.Rows)
                && (outcome.Labels is null || outcome.Labels.Count == figures.Rows);
            return fits ? outcome : ScoreOutcome.Failed([ProbeService.NoAnswer]);
        }
        // The child is as trustworthy as the model that it has loaded.
        catch (Exception exception) when (exception is InvalidDataException or IOException or ArgumentOutOfRangeException)
        {
            return ScoreOutcome.Failed([ProbeService.NoAnswer]);
        }
    }

    public void Dispose() => _works.ForEach(work => work.Dispose());

    private IReadOnlyList<Tensor>? Find(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? TensorFile.Read(path, maxBytes) : null;
    }
}
