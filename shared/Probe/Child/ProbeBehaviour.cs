using System.Diagnostics;
using Modeldrop.Errors;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Speed;
using Modeldrop.Tensors;

namespace Modeldrop.Probe.Child;

/// <summary>
/// Examines, in the child, a model's behaviour beyond its answers: repeated, concurrent, in batches, with unusual values.
/// </summary>
/// <param name="inputs">The data file's rows.</param>
internal sealed class ProbeBehaviour(ModelSession session, string modelPath, IReadOnlyList<Tensor> inputs, int rows, bool isSingleRow)
{
    private const int MaxRows = 256;

    private const int MinRows = 4;

    /// <summary>Approximate runs per row for all checks except those with unusual values.</summary>
    private const int RunsPerRow = 25;

    private const int MaxOddInputs = 200;

    private const int Threads = 4;

    private const int RunsPerThread = 3;

    // Below and above the widths of vector instructions, including odd sizes.
    private static readonly int[] BatchSizes = [2, 3, 8, 17, RunSlot.MaxRows];

    // Offsets, in elements, of the memory of equal requests: for floats, every address modulo 16.
    private static readonly int[] Shifts = [0, 1, 2, 3];

    // A slow model is examined with fewer rows, so that the child's time is spent on its data.
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(5);

    // Batches of all sizes have at least 94 rows. A model that takes seconds for them gains nothing from joint scoring.
    private static readonly TimeSpan SlowestRow = TimeSpan.FromMilliseconds(50);

    private IReadOnlyList<Tensor> _rows = [];
    private int _count;

    /// <param name="hasRows">Whether every output has a value for each row.</param>
    public ScoreFigures Check(ScoreFigures figures, bool hasRows)
    {
        IReadOnlyList<Tensor> row = TensorRows.Slice(inputs, 0, 1);
        TimeSpan one = Max(LeastTimeOf(row), TimeSpan.FromMicroseconds(20));
        _count = isSingleRow ? 1 : (int)Math.Clamp(Budget / one / RunsPerRow, MinRows, MaxRows);
        _rows = BehaviourRows.Of(session, inputs, rows, _count);

        int odd = (int)Math.Clamp(Budget / Max(one, TimeSpan.FromMilliseconds(1)), 1, MaxOddInputs);
        IReadOnlyList<Tensor> batch = Batch(0, Math.Min(_count, RunSlot.MaxRows));
        IReadOnlyList<Tensor> first = session.Run(batch);
        figures = figures with
        {
            IsDeterministic = IsSameFromAnywhere(session.Run, batch) && IsSameFromAnywhere(session.RunUnbound, batch),
            IsDeterministicOverThreads = IsSameAtOnce(batch, first),
            IsBatchInvariant = isSingleRow || rows < 2 || one > SlowestRow ? null : hasRows && IsBatchInvariant(),
        };
        return figures with
        {
            IsServedAsAlone = figures.IsDeterministic == true
                ? ProbeServing.IsSame(session, Requests(), mayJoin: figures.IsBatchInvariant == true)
                : null,
            OddInputs = [.. OddRows.Of(row, withNone: !isSingleRow).Take(odd).Select(Answer)],
        };
    }

    /// <summary>The shortest of several runs: the first one is cold, and a busy machine interrupts others.</summary>
    private TimeSpan LeastTimeOf(IReadOnlyList<Tensor> row)
    {
        long begin = Stopwatch.GetTimestamp();
        TimeSpan least = TimeSpan.MaxValue;
        for (int run = 0; run < 2 || (run < 10 && Stopwatch.GetElapsedTime(begin) < Budget / 5); run++)
        {
            long start = Stopwatch.GetTimestamp();
            session.Run(row);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            least = time < least ? time : least;
        }

        return least;
    }

    private static bool IsSameFromAnywhere(Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> run, IReadOnlyList<Tensor> batch)
    {
        IReadOnlyList<Tensor> first = run(batch);
        return Shifts.All(shift => TensorRows.SameBits(first, run(TensorRows.Shifted(batch, shift))));
    }

    private bool IsSameAtOnce(IReadOnlyList<Tensor> batch, IReadOnlyList<Tensor> expected)
    {
        bool[] same = new bool[Threads];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(index => new Thread(() =>
            same[index] = Enumerable.Range(0, RunsPerThread).All(_ => TensorRows.SameBits(expected, session.Run(batch)))))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return same.All(one => one);
    }

    /// <summary>Compares single rows with batches of every size, twice, at different positions.</summary>
    private bool IsBatchInvariant()
    {
        IReadOnlyList<Tensor>[] alone = [.. Enumerable.Range(0, _count).Select(row => session.Run(Batch(row, 1)))];
        foreach ((int start, int size) in Batches())
        {
            IReadOnlyList<Tensor> together = session.Run(Batch(start, size));
            for (int row = 0; row < size; row++)
            {
                if (!TensorRows.SameBits(alone[(start + row) % _count], TensorRows.Slice(together, row, 1)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>
    /// All rows in batches of every size, and again at other positions of a batch. If there are few rows, they repeat within a batch.
    /// </summary>
    private IEnumerable<(int Start, int Size)> Batches()
    {
        foreach (int size in BatchSizes)
        {
            for (int start = 0; start < _count; start += size)
            {
                yield return (start, size);
                if (_count >= RunSlot.MaxRows)
                {
                    yield return (start + (size / 2) + 1, size);
                }
            }
        }
    }

    private List<IReadOnlyList<Tensor>> Requests() => isSingleRow
        ? [Batch(0, 1)]
        : [.. Enumerable.Range(0, _count).Select(row => Batch(row, 1)),
            .. BatchSizes.Where(size => size <= _count).Select(size => Batch(0, size))];

    /// <summary>After the last row it continues with the first.</summary>
    private IReadOnlyList<Tensor> Batch(int start, int size)
    {
        GrowingTensor[] batch = [.. _rows.Select(input => new GrowingTensor(input.Name, input.Datatype))];
        for (int row = start; row < start + size;)
        {
            int together = Math.Min(_count - (row % _count), start + size - row);
            foreach ((GrowingTensor input, Tensor all) in batch.Zip(_rows))
            {
                input.Add(TensorRows.Slice(all, row % _count, together));
            }

            row += together;
        }

        return [.. batch.Select(input => input.ToTensor())];
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private OddInput Answer((string Words, IReadOnlyList<Tensor> Row) odd)
    {
        try
        {
            IReadOnlyList<Tensor> outputs = session.Run(odd.Row);
            return new OddInput(odd.Words, null, RowNaNs.Find(outputs, 1)[0]);
        }
        catch (ServiceException exception)
        {
            return new OddInput(odd.Words, string.Join(" ", OnnxRuntimeErrors.Reasons(exception, modelPath)), IsNaN: false);
        }
    }
}
