namespace Modeldrop.Tabular;

/// <summary>The format of a data file.</summary>
public enum TableFormat
{
    Csv,
    Parquet,

    /// <summary>One object per line: <c>.jsonl</c> or <c>.ndjson</c>.</summary>
    JsonLines,
}
