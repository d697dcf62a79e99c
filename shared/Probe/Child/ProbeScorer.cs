using System.Diagnostics;
using System.Runtime.InteropServices;
using Modeldrop.Errors;
using Modeldrop.Probe.Onnx;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Probe.Child;

/// <summary>Scores in the child: rows of a data file, golden examples, latency, determinism.</summary>
internal sealed class ProbeScorer
{
    private const int BatchRows = 1_024;

    private const int WarmUpRuns = 20;

    private static readonly TimeSpan LatencyBudget = TimeSpan.FromSeconds(5);

    private readonly ModelSession _session;
    private readonly Signature _signature;
    private readonly ProbeRequest _request;
    private readonly ScoreRequest _scoring;
    private readonly string _work;
    private readonly string _folder;
    private readonly IReadOnlyDictionary<string, TextKeys> _textKeys;

    private ProbeScorer(ModelSession session, OnnxFile file, ProbeRequest request, ScoreRequest scoring, string work, string folder)
    {
        _session = session;
        _signature = file.Complete(session.Signature);
        _textKeys = file.TextKeys;
        _request = request;
        _scoring = scoring;
        _work = work;
        _folder = folder;
    }

    /// <summary>Loads the model once for all scorings.</summary>
    /// <param name="folder">The work folder.</param>
    /// <returns>The results of scorings are in their folders. Throws if the model cannot be loaded.</returns>
    public static async Task<ProbeResult> ScoreAsync(ProbeRequest request, string folder, CancellationToken cancellationToken)
    {
        // The file is checked here again: scoring may happen long after the inspection, on a copy that has changed.
        OnnxFile file = OnnxModelReader.Read(request.ModelPath);

        // An inspection by the same process may have taken more memory.
        _ = ModelMemory.Begin();
        using ModelSession session = ModelSession.Load(request.ModelPath, declared: request.Declared, ownRunBytes: file.OwnRunBytes);
        foreach ((int index, ScoreRequest scoring) in request.Scorings.Index())
        {
            string own = Directory.CreateDirectory(ProbeRequest.ScoringFolder(folder, index)).FullName;
            var scorer = new ProbeScorer(session, file, request, scoring, folder, own);
            await ProbeProgram.WriteAsync(own,
                await ProbeProgram.ReasonsAsync(request.ModelPath, () => scorer.RunAsync(cancellationToken)));
        }

        return new ProbeResult();
    }

    private async Task<ProbeResult> RunAsync(CancellationToken cancellationToken)
    {
        var figures = new ScoreFigures();
        if (_scoring.DataFile is { } dataFile)
        {
            ProbeStep.Begin(_work, Path.GetFileName(dataFile));
            Table table = await TableReader.ReadAsync(dataFile, _request.Limits, cancellationToken, Wanted);
            ProbeStep.End(_work);
            ColumnMapping mapping = ColumnMapping.Create(_signature, table, mayLackScalars: true);
            MappedRows rows = mapping.Read(0, table.Rows, leavesGapsOut: true);
            if (rows.ViolationCount > 0)
            {
                return new ProbeResult { Reasons = Describe(dataFile, rows) };
            }

            if (rows.Kept.Count == 0)
            {
                return new ProbeResult { Reasons = [$"'{Path.GetFileName(dataFile)}' has no rows that can be scored."] };
            }

            figures = NotScored(mapping, rows) is { } reason ? KeepInputs(rows, reason) : ScoreRows(figures, table, mapping, rows);
        }
        else if (_scoring.ChecksBehaviour)
        {
            figures = figures with { IsServedAsAlone = ProbeServing.IsSameOnMadeRows(_session) };
        }

        figures = figures with
        {
            ExampleFailures = _scoring.ExamplesFile is { } examples ? await ScoreExamplesAsync(examples, cancellationToken) : [],
            PeakMemoryBytes = PeakMemory(),
            Environment = new ScoringEnvironment(
                OnnxRuntimeErrors.Version, ProcessorName(), Environment.ProcessorCount, RuntimeInformation.OSDescription),
        };
        if (_scoring.ReferenceFile is { } reference && _textKeys.Count > 0)
        {
            // After the peak has been measured, which is the model's.
            figures = figures with { UnknownTexts = await FindUnknownAsync(reference, cancellationToken) };
        }

        return new ProbeResult { Figures = figures };
    }

    private IEnumerable<string> Wanted(Table header)
    {
        string[] inputs = [.. ColumnMapping.Create(_signature, header, mayLackScalars: true).Columns];
        return _scoring.WantsLabels ? inputs.Concat(LabelColumn.Find(_scoring.Labels, header, inputs).Columns) : inputs;
    }

    private async Task<IReadOnlyList<UnknownTexts>?> FindUnknownAsync(string reference, CancellationToken cancellationToken)
    {
        ProbeStep.Begin(_work, Path.GetFileName(reference));
        Table table = await TableReader.ReadAsync(
            reference, _request.Limits, cancellationToken,
            header => ColumnMapping.Create(_signature, header, mayLackScalars: true).Columns);
        ProbeStep.End(_work);
        return UnknownTexts.Find(_signature, _textKeys, table);
    }

    private static string? NotScored(ColumnMapping mapping, MappedRows rows) =>
        mapping.ScalarsWithoutColumn is [var absent, ..]
            ? $"Input '{absent}' is a scalar, and the data have no column of its name; give them one with the same value in each row."
            : rows.VaryingScalars.FirstOrDefault() is { } varying
                ? $"Input '{varying}' is a scalar, and its column has several values; a run takes one."
                : null;

    /// <summary>Keeps rows that are inputs of the model but lack something that a run needs.</summary>
    private ScoreFigures KeepInputs(MappedRows mapped, string reason)
    {
        if (_scoring.WantsInputs)
        {
            Tensor[] inputs = [.. mapped.Inputs.Where(input => !mapped.VaryingScalars.Contains(input.Name))];
            TensorFile.Write(Path.Combine(_folder, ProbeResult.InputsFile), inputs);
        }

        return new ScoreFigures
        {
            Rows = mapped.Kept.Count,
            NotScored = reason,
            LabelRule = reason,
            IsServedAsAlone = _scoring.ChecksBehaviour ? ProbeServing.IsSameOnMadeRows(_session) : null,
        };
    }

    private static List<string> Describe(string dataFile, MappedRows rows)
    {
        List<string> reasons = [.. rows.Violations.Select(violation => $"'{Path.GetFileName(dataFile)}', {violation}")];
        if (rows.ViolationCount > reasons.Count)
        {
            reasons.Add($"… and {rows.ViolationCount - reasons.Count:N0} more.");
        }

        return reasons;
    }

    private ScoreFigures ScoreRows(ScoreFigures figures, Table table, ColumnMapping mapping, MappedRows mapped)
    {
        int rows = mapped.Kept.Count;
        IReadOnlyList<Tensor> inputs = mapped.Slice(0, rows);
        int batch = mapping.IsSingleRow ? 1 : BatchRows;
        var outputs = new OutputCollector(_session.Signature, _request.MaxOutputBytes);
        for (int start = 0; start < rows; start += batch)
        {
            int count = Math.Min(batch, rows - start);
            outputs.Add(_session.Run(TensorRows.Slice(inputs, start, count)), count);
        }

        IReadOnlyList<Tensor> joined = outputs.Joined();
        TensorFile.Write(Path.Combine(_folder, ProbeResult.OutputsFile), joined);
        if (_scoring.WantsInputs)
        {
            TensorFile.Write(Path.Combine(_folder, ProbeResult.InputsFile), mapped.Inputs);
        }

        figures = figures with
        {
            Rows = rows,
            RowsLeftOut = table.Rows - rows,
            Gaps = mapped.Gaps,
            OutputsLeftOut = outputs.LeftOut,
            NaNRows = RowNaNs.CountNew(inputs, joined, rows),
            Latency = _scoring.LatencyRuns > 0 ? MeasureLatency(inputs, rows) : null,
        };
        if (_scoring.ChecksBehaviour)
        {
            figures = new ProbeBehaviour(_session, _request.ModelPath, inputs, rows, mapping.IsSingleRow)
                .Check(figures, outputs.LeftOut.Count == 0);
        }

        return _scoring.WantsLabels ? WriteLabels(figures, table, mapping, mapped.Kept) : figures;
    }

    private ScoreFigures WriteLabels(ScoreFigures figures, Table table, ColumnMapping mapping, IReadOnlyList<int> rows)
    {
        (IReadOnlyList<string> names, string rule) = LabelColumn.Find(_scoring.Labels, table, mapping.Columns);
        if (names.Count > 0)
        {
            TableColumn[] columns = [.. names.Select(name => table.FindColumn(name)!)];
            string[] labels = [.. rows.Select(row => _scoring.Labels.IsMultilabel
                ? LabelText.Join(columns.Select(column => column.NumberAt(row)))
                : columns[0].NumberAt(row) ?? "")];
            TensorFile.Write(Path.Combine(_folder, ProbeResult.LabelsFile), [Tensor.OfStrings("labels", [labels.Length], labels)]);
        }

        return figures with { LabelColumns = names, LabelRule = rule };
    }

    private LatencyFigures MeasureLatency(IReadOnlyList<Tensor> inputs, int rows)
    {
        long begin = Stopwatch.GetTimestamp();
        List<double> times = [];
        for (int run = 0;
            times.Count < _scoring.LatencyRuns && (times.Count == 0 || Stopwatch.GetElapsedTime(begin) < LatencyBudget);
            run++)
        {
            IReadOnlyList<Tensor> row = TensorRows.Slice(inputs, run % rows, 1);
            long start = Stopwatch.GetTimestamp();
            _session.Run(row);
            // A slow model is warm after fewer runs, since time is limited.
            if (run >= WarmUpRuns || Stopwatch.GetElapsedTime(begin) > LatencyBudget / 4)
            {
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        times.Sort();
        return new LatencyFigures(times.Count, Quantile(times, 0.5), Quantile(times, 0.95), times[^1], Quantile(times, 0.99));
    }

    /// <summary>The smallest value that at least the share <paramref name="q"/> of the values does not exceed.</summary>
    private static double Quantile(List<double> sorted, double q) => sorted[Math.Max(0, (int)Math.Ceiling(q * sorted.Count) - 1)];

    private async Task<IReadOnlyList<string?>> ScoreExamplesAsync(string path, CancellationToken cancellationToken)
    {
        List<string?> failures = [];
        foreach ((int index, GoldenExample example) in (await GoldenExample.ReadAsync(path, cancellationToken)).Index())
        {
            try
            {
                TensorFile.Write(Path.Combine(_folder, ProbeResult.ExampleFile(index)), Answer(example));
                failures.Add(null);
            }
            catch (ServiceException exception)
            {
                failures.Add(string.Join(" ", OnnxRuntimeErrors.Reasons(exception, _request.ModelPath)));
            }
        }

        return failures;
    }

    /// <summary>Answers like a request: first checked against the signature.</summary>
    private IReadOnlyList<Tensor> Answer(GoldenExample example) =>
        _session.Run(TensorValidation.Normalize(_session.Signature, example.Inputs));

    private static long PeakMemory()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }

    private static string ProcessorName()
    {
        const string Key = "model name";
        string? line = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(text => text.StartsWith(Key, StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
