using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Tabular;

/// <summary>A cell that does not fit its input.</summary>
/// <param name="Row">Counted from 0.</param>
/// <param name="Place">The row's place for a person: <c>line 7</c>.</param>
public sealed record CellViolation(int Row, string Place, string Column, string Problem)
{
    public override string ToString() => $"{Place}, column '{Column}': {Problem}.";
}

/// <summary>
/// Maps the columns of a table to the inputs of a model. <c>[N]</c> and <c>[N,1]</c> take the column with the input's name; <c>[N,k]</c>
/// takes the columns <c>name_0</c> to <c>name_{k-1}</c>, or those with the version's own names (<see cref="TensorSpec.Columns"/>). More
/// dimensions are numbered in row-major order; an input of any rank counts as one of two dimensions. The order of columns and further
/// columns do not matter. A scalar takes its column's value, so that only rows with the same value share a run. An optional input that no
/// column can feed keeps the model's own value.
/// </summary>
public sealed class ColumnMapping
{
    /// <summary>Longer than nearly every number.</summary>
    private const int MaxStackNumber = 64;

    private readonly Table _table;
    private readonly List<MappedInput> _inputs;

    private ColumnMapping(Table table, List<MappedInput> inputs, List<string> scalars)
    {
        _table = table;
        _inputs = inputs;
        ScalarsWithoutColumn = scalars;
    }

    /// <summary>Required inputs without dimensions that have no column. The rows can be read as inputs, but not scored.</summary>
    public IReadOnlyList<string> ScalarsWithoutColumn { get; }

    /// <summary>The columns that feed the model.</summary>
    public IEnumerable<string> Columns => _inputs.SelectMany(input => input.Columns).Select(column => column.Name);

    /// <summary>The columns of one input; none if it keeps the model's own value.</summary>
    internal IReadOnlyList<TableColumn> ColumnsOf(string input) => _inputs.Find(one => one.Spec.Name == input)?.Columns ?? [];

    /// <summary>Whether the model takes exactly one row per run, because its first dimension is declared as 1.</summary>
    public bool IsSingleRow => _inputs.Any(input => input.Spec.Shape is [1, ..]);

    /// <param name="mayLackScalars">Whether a scalar without a column is no violation (<see cref="ScalarsWithoutColumn"/>).</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> with every missing column and every input that no column can feed.
    /// </exception>
    public static ColumnMapping Create(Signature signature, Table table, bool mayLackScalars = false)
    {
        List<MappedInput> inputs = [];
        List<string> scalars = [];
        List<string> violations = [];
        foreach (TensorSpec spec in signature.Inputs)
        {
            string? unfit = spec.Shape is [not (-1 or 1), ..] ? $"takes exactly {spec.Shape[0]} rows at a time"
                : spec.Shape.Skip(2).Any(dimension => dimension < 0) ? "has a variable dimension after the second"
                : null;
            if (unfit is not null)
            {
                if (spec.Optional)
                {
                    continue;
                }

                violations.Add($"Input '{spec}' {unfit}; rows of a table cannot be mapped to it.");
                continue;
            }

            if (table.FindColumn(spec.Name) is { Row: not null } array)
            {
                MapArray(spec, array, inputs, violations);
                continue;
            }

            (List<string> names, long[] row) = NamesOf(spec, table);
            List<string> missing = [.. names.Where(name => table.FindColumn(name) is null)];
            if (missing.Count == names.Count && spec.Optional)
            {
                continue;
            }

            if (missing.Count > 0 && spec.IsScalar && mayLackScalars)
            {
                scalars.Add(spec.Name);
                continue;
            }

            if (missing.Count > 0)
            {
                string remedy = spec.Columns is null && names.Count > 1 && missing.Count == names.Count
                    ? $" 'inputs.{spec.Name}.columns' in model.json can name other columns." : "";
                string some = string.Join(", ", missing.Take(5).Select(name => $"'{name}'"));
                violations.Add((missing.Count == 1
                    ? $"Input '{spec.Name}': column '{missing[0]}' is missing."
                    : $"Input '{spec.Name}': {missing.Count} of {names.Count} columns are missing: "
                        + $"{some}{(missing.Count > 5 ? ", …" : "")}.")
                    + remedy);
                continue;
            }

            TableColumn[] columns = [.. names.Select(name => table.FindColumn(name)!)];
            violations.AddRange(columns.Where(column => column.Problem is not null && (spec.Datatype != Datatype.Bytes || !column.IsRead))
                .Select(column => $"Column '{column.Name}' {column.Problem}."));
            inputs.Add(new MappedInput(spec, row, columns));
        }

        return violations.Count == 0
            ? new ColumnMapping(table, inputs, scalars)
            : throw new ServiceException(ErrorCode.InvalidRequest, violations);
    }

    /// <summary>
    /// Rows <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> as tensors, with all violations.
    /// </summary>
    /// <param name="allocate">Returns the memory of a tensor; null: the heap.</param>
    /// <param name="leavesGapsOut">
    /// Whether a row without a value for an integer or a boolean is left out; otherwise it is a violation.
    /// </param>
    public MappedRows Read(
        int start, int count, int maxViolations = ErrorText.MaxItems, bool leavesGapsOut = false, Func<int, Memory<byte>>? allocate = null)
    {
        List<CellViolation> violations = [];
        long violationCount = 0;
        Dictionary<string, int> gaps = new(StringComparer.Ordinal);
        var leftOut = new HashSet<int>();
        List<Tensor> tensors = [];
        foreach (MappedInput input in _inputs)
        {
            tensors.Add(
                input.Spec.Datatype == Datatype.Bytes
                    ? ReadTexts(input, start, count, allocate)
                    : ReadElements(input, start, count, allocate, Report));
        }

        IEnumerable<int> all = Enumerable.Range(start, count);
        int[] kept = [.. leftOut.Count == 0 ? all : all.Where(row => !leftOut.Contains(row))];
        IReadOnlyList<Tensor> whole = leftOut.Count == 0 ? tensors
            : [.. tensors.Select(tensor => Take(tensor, [.. kept.Select(row => row - start)]))];
        string[] scalars = [.. _inputs.Where(input => input.Spec.IsScalar).Select(input => input.Spec.Name)];
        return new MappedRows(whole, scalars, [.. violations.OrderBy(violation => violation.Row)], violationCount, kept, gaps);

        void Report(int row, string column, string problem, bool isGap)
        {
            if (isGap && leavesGapsOut)
            {
                leftOut.Add(row);
                gaps[column] = gaps.GetValueOrDefault(column) + 1;
                return;
            }

            violationCount++;
            if (violations.Count < maxViolations)
            {
                violations.Add(new CellViolation(row, _table.PlaceOf(row), column, problem));
            }
        }
    }

    private static Tensor Take(Tensor tensor, int[] rows)
    {
        long[] shape = [rows.Length, .. tensor.Shape.AsSpan(1)];
        int width = (int)Tensor.CountOf(shape.AsSpan(1));
        if (tensor.Strings is { } strings)
        {
            return Tensor.OfStrings(tensor.Name, shape, [.. rows.SelectMany(row => strings[(row * width)..((row + 1) * width)])]);
        }

        int size = width * tensor.Datatype.ElementBytes();
        var data = new byte[rows.Length * size];
        for (int row = 0; row < rows.Length; row++)
        {
            tensor.Data.Span.Slice(rows[row] * size, size).CopyTo(data.AsSpan(row * size));
        }

        return Tensor.OfBytes(tensor.Name, tensor.Datatype, shape, data);
    }

    private static (List<string> Names, long[] Row) NamesOf(TensorSpec spec, Table table)
    {
        (List<string> names, long[] row) = PositionsOf(spec, table);
        if (spec.Columns is not { } own)
        {
            return (names, row);
        }

        // Lists, as in JSON, are mapped by position.
        bool isByPosition = names.TrueForAll(name => table.FindColumn(name) is not null) && own.Any(name => table.FindColumn(name) is null);
        if (!isByPosition && row.Length > 0 && (spec.RowElements < 0 || spec.UnknownRank))
        {
            row[0] = own.Count / Math.Max(1, Tensor.CountOf(row.AsSpan(1)));
        }

        return isByPosition ? (names, row) : ([.. own], row);
    }

    private static (List<string> Names, long[] Row) PositionsOf(TensorSpec spec, Table table)
    {
        long[] row = spec.UnknownRank ? [-1] : [.. spec.Shape.Skip(1)];
        if (row is [-1, ..])
        {
            // The table determines a variable width.
            int width = 0;
            while (table.FindColumn($"{spec.Name}_{width}") is not null)
            {
                width++;
            }

            // Rounded up: columns that do not fill a whole number of rows are an error, not cut off.
            long inner = Math.Max(1, Tensor.CountOf(row.AsSpan(1)));
            row[0] = Math.Max(1, (width + inner - 1) / inner);
        }

        long elements = Tensor.CountOf(row);
        bool single = elements == 1 && (table.FindColumn(spec.Name) is not null || table.FindColumn($"{spec.Name}_0") is null);
        // The declared width has no limit, so the names are: with more names than the table has columns, one is missing in any case.
        long named = Math.Min(elements, Math.Max(table.Columns.Count + 1L, 10_000));
        return (single ? [spec.Name] : [.. Enumerable.Range(0, (int)named).Select(index => $"{spec.Name}_{index}")], row);
    }

    /// <summary>Maps arrays to the elements of an input by position.</summary>
    private static void MapArray(TensorSpec spec, TableColumn array, List<MappedInput> inputs, List<string> violations)
    {
        long width = Tensor.CountOf(array.Row);
        long[] row = spec.UnknownRank ? [-1] : [.. spec.Shape.Skip(1)];
        if (row is [-1, ..])
        {
            row[0] = width / Math.Max(1, Tensor.CountOf(row.AsSpan(1)));
        }

        if (width == 0 || Tensor.CountOf(row) != width)
        {
            violations.Add($"Input '{spec}' does not take rows of shape [{string.Join(",", array.Row!)}].");
            return;
        }

        inputs.Add(new MappedInput(spec, row, [array]));
    }

    private static Tensor ReadTexts(MappedInput input, int start, int count, Func<int, Memory<byte>>? allocate)
    {
        int elements = checked(count * input.Width);
        long utf8Bytes = 0;
        for (int i = 0; i < elements; i++)
        {
            utf8Bytes += Utf8At(i).Length;
        }

        int bytes = TextsWriter.BytesOf(elements, utf8Bytes);
        Memory<byte> block = allocate?.Invoke(bytes) ?? new byte[bytes];
        var writer = new TextsWriter(block.Span, elements);
        for (int i = 0; i < elements; i++)
        {
            writer.Add(Utf8At(i));
        }

        return Tensor.OfTexts(input.Spec.Name, [count, .. input.Row], new Texts(block, elements));

        ReadOnlySpan<byte> Utf8At(int element)
        {
            (TableColumn source, int index) = input.At(start + (element / input.Width), element % input.Width);
            return source.Utf8At(index);
        }
    }

    private static Tensor ReadElements(
        MappedInput input, int start, int count, Func<int, Memory<byte>>? allocate, Action<int, string, string, bool> report)
    {
        int width = input.Width;
        int size = input.Spec.Datatype.ElementBytes();
        int bytes = checked(count * width * size);
        Memory<byte> data = allocate?.Invoke(bytes) ?? new byte[bytes];
        Span<byte> elements = data.Span;
        elements.Clear();
        Span<char> memory = stackalloc char[MaxStackNumber];
        for (int column = 0; column < width; column++)
        {
            for (int row = 0; row < count; row++)
            {
                Span<byte> element = elements.Slice(((row * width) + column) * size, size);
                (TableColumn source, int index) = input.At(start + row, column);
                bool isPresent = source.TryGetNumber(index, memory, out ReadOnlySpan<char> text);
                string? problem = isPresent
                    ? CellParser.Write(input.Spec.Datatype, text, element)
                    : CellParser.WriteMissing(input.Spec.Datatype, element);
                if (problem is not null)
                {
                    report(start + row, input.NameAt(column), problem, !isPresent || CellParser.IsMissing(text));
                }
            }
        }

        return Tensor.OfBytes(input.Spec.Name, input.Spec.Datatype, [count, .. input.Row], data);
    }
}
