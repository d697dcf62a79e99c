using System.Text.RegularExpressions;
using Modeldrop.Manifests;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Probe.Child;

/// <summary>Names of the columns that feed an input: from the manifest, otherwise from the first data file.</summary>
internal static partial class InputColumns
{
    /// <summary>The manifest's statements about an unread file: names only.</summary>
    public static Signature Declare(IReadOnlyDictionary<string, ManifestInput> inputs) =>
        new([.. inputs.Select(input => new TensorSpec(input.Key, default, []) { Columns = input.Value.Columns })], []);

    /// <summary>All statements of the manifest about inputs that the model contradicts.</summary>
    public static IReadOnlyList<string> Problems(Signature signature, IReadOnlyDictionary<string, ManifestInput> inputs)
    {
        List<string> problems = [];
        foreach ((string name, ManifestInput stated) in inputs)
        {
            if (signature.FindInput(name) is not { } input)
            {
                string all = string.Join(", ", signature.Inputs.Take(20).Select(one => $"'{one.Name}'"));
                problems.Add($"{ManifestReader.FileName}: 'inputs.{name}' is not an input of the model; its inputs are {all}.");
            }
            else if (stated.Columns is { } columns && !input.UnknownRank && input.RowElements >= 0 && columns.Count != input.RowElements)
            {
                problems.Add($"{ManifestReader.FileName}: 'inputs.{name}.columns' has {columns.Count} names, but a row of '{input}' has "
                    + $"{input.RowElements} elements.");
            }
        }

        problems.AddRange(signature.Inputs.SelectMany(input => input.Columns ?? [input.Name])
            .GroupBy(name => name, StringComparer.Ordinal).Where(name => name.Count() > 1)
            .Select(name => $"{ManifestReader.FileName}: the column '{name.Key}' feeds two inputs; a column feeds one."));
        return problems;
    }

    /// <summary>Names the columns of the one wide input without names, if the file has exactly as many candidate columns.</summary>
    /// <remarks>
    /// Labels, columns that feed other inputs, and the index of a data frame are not candidates; an input of numbers needs columns of
    /// numbers. Without a match the signature is unchanged, and <see cref="ColumnMapping"/> reports what is missing.
    /// </remarks>
    public static Signature Find(Signature signature, Table table, LabelChoice labels)
    {
        if (Nameless(signature, table) is not [var wide])
        {
            return signature;
        }

        HashSet<string> taken =
            [.. signature.Inputs.Where(input => input != wide).SelectMany(input => Names(input, table)), .. Labels(labels, table)];
        string[] further = [.. table.Columns.Where(column => !taken.Contains(column.Name) && !IsFrameIndex(column.Name)
            && (wide.Datatype == Datatype.Bytes || IsNumeric(column))).Select(column => column.Name)];
        string[] chosen = further.Length == wide.RowElements ? further
            : [.. further.Where(name => !LabelColumn.IsUsual(name))];
        return chosen.Length != wide.RowElements ? signature : signature with
        {
            Inputs = [.. signature.Inputs.Select(input => input == wide ? input with { Columns = chosen } : input)],
        };
    }

    /// <summary>Whether a column is the index of a data frame.</summary>
    public static bool IsFrameIndex(string column) => FrameIndex().IsMatch(column);

    /// <summary>Whether there is a wide input that has no columns in the file yet.</summary>
    public static bool IsNameless(Signature signature, Table table) => Nameless(signature, table).Length > 0;

    private static TensorSpec[] Nameless(Signature signature, Table table) =>
        [.. signature.Inputs.Where(input => input is { Columns: null, Optional: false, RowElements: > 1 }
            && table.FindColumn(input.ColumnName(0)) is null && table.FindColumn(input.ColumnName((int)input.RowElements - 1)) is null)];

    private static IEnumerable<string> Names(TensorSpec input, Table table) => input.Columns
        ?? table.Columns.Select(column => column.Name)
            .Where(name => new Signature([input], []).FindColumn(name) is not null);

    private static IEnumerable<string> Labels(LabelChoice labels, Table table) =>
    [
        .. labels.Columns ?? [],
        .. labels.IsMultilabel ? labels.Names ?? [] : [],
        .. labels.Prefix is { } prefix
            ? table.Columns.Select(column => column.Name).Where(name => name.StartsWith($"{prefix}_", StringComparison.Ordinal))
            : [],
    ];

    private static bool IsNumeric(TableColumn column) => column.IsRead && Enumerable.Range(0, column.Values.Count).Select(column.NumberAt)
        .All(text => text is null || CellParser.IsMissing(text) || CellParser.ParseNumber(text) is not null);

    // The names that pandas gives an index that was written without a name and read again.
    [GeneratedRegex(@"^(Unnamed: \d+|__index_level_\d+__)$")]
    private static partial Regex FrameIndex();
}
