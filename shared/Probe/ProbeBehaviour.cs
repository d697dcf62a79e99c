using System.Diagnostics;
using Modeldrop.Errors;
using Modeldrop.Scoring;
using Modeldrop.Tensors;

namespace Modeldrop.Probe;

/// <summary>Looks in the child at how a model behaves beyond its answers: again, at once, in batches, with odd values.</summary>
/// <param name="inputs">The data file's rows.</param>
internal sealed class ProbeBehaviour(ModelSession session, string modelPath, IReadOnlyList<Tensor> inputs, int rows, bool isSingleRow)
{
    private const int MaxRows = 64;

    /// <summary>Runs of a row that the checks of one kind take, about.</summary>
    private const int RunsPerRow = 10;

    private const int MaxStarts = 3;

    private const int MaxOddInputs = 200;

    private const int Threads = 4;

    private const int RunsPerThread = 3;

    // Below and above the widths of vector instructions, odd ones too.
    private static readonly int[] BatchSizes = [2, 3, 8, 17, 64];

    // A slow model is looked at with fewer rows, so that a child's time is for its data.
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(5);

    private int _rows = Math.Min(rows, MaxRows);

    /// <param name="hasRows">Every output has a value for each row.</param>
    public ScoreFigures Check(ScoreFigures figures, bool hasRows)
    {
        long start = Stopwatch.GetTimestamp();
        session.Run(TensorRows.Slice(inputs, 0, 1));
        TimeSpan one = Stopwatch.GetElapsedTime(start);
        _rows = Math.Min(_rows, (int)Math.Clamp(Budget / Max(one, TimeSpan.FromMilliseconds(1)) / RunsPerRow, 2, MaxRows));

        IReadOnlyList<Tensor> batch = TensorRows.Slice(inputs, 0, isSingleRow ? 1 : _rows);
        IReadOnlyList<Tensor> first = session.Run(batch);
        return figures with
        {
            IsDeterministic = TensorRows.SameBits(first, session.Run(batch)),
            IsDeterministicOverThreads = IsSameAtOnce(batch, first),
            IsBatchInvariant = isSingleRow || _rows < 2 ? null : hasRows && IsBatchInvariant(),
            OddInputs = [.. OddRows.Of(TensorRows.Slice(inputs, 0, 1), withNone: !isSingleRow).Take((int)Math.Clamp(Budget / Max(one, TimeSpan.FromMilliseconds(1)), 1, MaxOddInputs)).Select(Answer)],
        };
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

    /// <summary>Each row alone, then in batches of several sizes, at the first and at other places.</summary>
    private bool IsBatchInvariant()
    {
        IReadOnlyList<Tensor>[] alone = [.. Enumerable.Range(0, _rows).Select(row => session.Run(TensorRows.Slice(inputs, row, 1)))];
        foreach (int size in BatchSizes.Where(size => size <= _rows))
        {
            foreach (int start in Enumerable.Range(0, MaxStarts).Select(index => index * (_rows - size) / (MaxStarts - 1)).Distinct())
            {
                IReadOnlyList<Tensor> together = session.Run(TensorRows.Slice(inputs, start, size));
                if (Enumerable.Range(0, size).Any(row => !TensorRows.SameBits(alone[start + row], TensorRows.Slice(together, row, 1))))
                {
                    return false;
                }
            }
        }

        return true;
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
