using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Predictions.Export;

public enum ExportFormat
{
    /// <summary>JSON lines: one object per request.</summary>
    Json,

    /// <summary>One line per row, one column per element.</summary>
    Csv,

    /// <summary>An Arrow IPC stream: one row per request, tensors as lists.</summary>
    Arrow,
}

/// <summary>Selects the requests to export.</summary>
/// <param name="Version">Null: all.</param>
/// <param name="From">Requests received at or after this instant.</param>
/// <param name="To">Exclusive.</param>
/// <param name="Key">Only requests with this caller's <c>id</c>; null: all.</param>
public sealed record ExportQuery(ModelName Model, int? Version, DateTimeOffset From, DateTimeOffset To, string? Key = null);

/// <summary>
/// Writes the prediction log of a model as one stream, including failed requests. Needs memory for one pack. Ordered by hour of scoring;
/// within an hour by writer and sequence.
/// </summary>
public sealed class PredictionExport(PredictionStore predictions, RegistryService registry, VersionStore versions)
{
    private static readonly TimeSpan ReadTime = TimeSpan.FromHours(1);
    private static readonly byte[] LineFeed = [(byte)'\n'];

    /// <summary>
    /// Returns the columns of the selected versions; none for JSON. Call it before anything is sent, since it detects an invalid query.
    /// </summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.InvalidRequest"/> when a tensor
    /// has different datatypes in two versions, which no table can represent.
    /// </exception>
    public async Task<ExportColumns> FindColumnsAsync(ExportQuery query, ExportFormat format, CancellationToken cancellationToken)
    {
        ModelHead head = await registry.GetAsync(query.Model, cancellationToken);
        if (query.Version is { } one && head.FindVersion(one) is null)
        {
            throw new ServiceException(ErrorCode.VersionNotFound, $"Model '{query.Model}' has no version {one}.");
        }

        var columns = new ExportColumns();
        if (format == ExportFormat.Json)
        {
            return columns;
        }

        foreach (VersionEntry entry in head.Versions.Where(entry => query.Version is null || entry.Number == query.Version))
        {
            if (await versions.FindAsync(new VersionName(query.Model, entry.Number), cancellationToken) is { } version)
            {
                columns.Add(version.Inspection.Signature);
            }
        }

        return columns;
    }

    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.StoreUnavailable"/>, possibly after part of the stream is written.
    /// </exception>
    public Task WriteAsync(
        Stream stream, ExportFormat format, ExportQuery query, ExportColumns columns, CancellationToken cancellationToken) => format switch
    {
        ExportFormat.Json => WriteJsonAsync(stream, query, cancellationToken),
        ExportFormat.Csv => CsvExport.WriteAsync(stream, columns, RecordsAsync(query, cancellationToken), cancellationToken),
        _ => ArrowExport.WriteAsync(stream, columns, query, PacksAsync(query, cancellationToken), cancellationToken),
    };

    private async Task WriteJsonAsync(Stream stream, ExportQuery query, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { SkipValidation = true });
        await foreach (Prediction prediction in RecordsAsync(query, cancellationToken))
        {
            json.WriteStartObject();
            PredictionJson.WriteMembers(json, prediction);
            json.WriteEndObject();
            await json.FlushAsync(cancellationToken);
            json.Reset();
            await stream.WriteAsync(LineFeed, cancellationToken);
        }
    }

    private async IAsyncEnumerable<Prediction> RecordsAsync(
        ExportQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (LogPack pack in PacksAsync(query, cancellationToken))
        {
            foreach (Prediction prediction in PredictionStore.ReadRecords(pack).Where(
                record => record.ReceivedAt >= query.From && record.ReceivedAt < query.To
                    && (query.Key is null || record.RequestId == query.Key)))
            {
                yield return prediction;
            }
        }
    }

    private async IAsyncEnumerable<LogPack> PacksAsync(
        ExportQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // An id is assigned after the request has been read, slightly after it was received.
        DateTimeOffset through = query.To < DateTimeOffset.MaxValue - ReadTime ? query.To + ReadTime : query.To;
        IAsyncEnumerable<LogPack> packs = query.Key is { } key
            ? predictions.ReadPacksOfKeysAsync(query.Model, [key], query.From, through, cancellationToken)
            : predictions.ReadPacksAsync(query.Model, query.From, through, cancellationToken);
        await foreach (LogPack pack in packs.WithCancellation(cancellationToken))
        {
            if (query.Version is null || pack.Version == query.Version)
            {
                yield return pack;
            }
        }
    }
}
