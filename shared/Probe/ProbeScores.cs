using Modeldrop.Tensors;

namespace Modeldrop.Probe;

/// <summary>The results of a folder's scorings, in order. Tensors stay on disk until they are read.</summary>
internal sealed class ProbeScores(long maxBytes) : IDisposable
{
    private readonly List<WorkFolder> _works = [];
    private readonly List<(string Folder, ProbeResult Result)> _results = [];

    public int Count => _results.Count;

    /// <summary>Keeps a child's work folder until this object is disposed.</summary>
    public WorkFolder Keep(WorkFolder work)
    {
        _works.Add(work);
        return work;
    }

    /// <param name="folder">Contains the tensors of <paramref name="result"/>.</param>
    public void Add(string folder, ProbeResult result) => _results.Add((folder, result));

    /// <summary>Replaces the last result, because its process did not end properly.</summary>
    public void Refuse(ProbeResult result) => _results[^1] = (_results[^1].Folder, result);

    /// <summary>Reads the result of a scoring into memory.</summary>
    public ScoreOutcome Read(int index)
    {
        (string folder, ProbeResult result) = _results[index];
        if (result.Reasons.Count > 0 || result.Figures is not { } figures)
        {
            return ScoreOutcome.Failed(result.Reasons.Count > 0 ? result.Reasons : [ProbeAnswers.NoAnswer]);
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
            return fits ? outcome : ScoreOutcome.Failed([ProbeAnswers.NoAnswer]);
        }
        // The child is no more trustworthy than the model that it has loaded.
        catch (Exception exception) when (exception is InvalidDataException or IOException or ArgumentOutOfRangeException)
        {
            return ScoreOutcome.Failed([ProbeAnswers.NoAnswer]);
        }
    }

    public void Dispose() => _works.ForEach(work => work.Dispose());

    private IReadOnlyList<Tensor>? Find(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? TensorFile.Read(path, maxBytes) : null;
    }
}
