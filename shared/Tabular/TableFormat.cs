namespace Modeldrop.Tabular;

/// <summary>What a file of rows is written in.</summary>
public enum TableFormat
{
    Csv,
    Parquet,

    /// <summary>An object a line: <c>.jsonl</c> or <c>.ndjson</c>.</summary>
    JsonLines,
}
