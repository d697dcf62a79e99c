using System.Diagnostics.Metrics;

namespace Modeldrop.Predictions;

/// <summary>The log's counters.</summary>
internal sealed class LogMeters
{
    public const string MeterName = "Modeldrop.Predictions";

    private readonly Counter<long> _records;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _packs;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _retries;

    public LogMeters(IMeterFactory factory, Func<long> bufferedRecords, Func<long> bufferedBytes)
    {
        Meter meter = factory.Create(MeterName);
        _records = meter.CreateCounter<long>("modeldrop.log.records", "{record}", "Records written.");
        _dropped = meter.CreateCounter<long>("modeldrop.log.dropped", "{record}", "Records lost: the buffer was full, the store refused them, or the process ended.");
        _packs = meter.CreateCounter<long>("modeldrop.log.packs", "{pack}", "Packs written.");
        _bytes = meter.CreateCounter<long>("modeldrop.log.bytes", "By", "Bytes of the packs written.");
        _retries = meter.CreateCounter<long>("modeldrop.log.retries", "{attempt}", "Writes that failed and are tried again.");
        meter.CreateObservableGauge("modeldrop.log.buffered", bufferedRecords, "{record}", "Records in memory, not yet written.");
        meter.CreateObservableGauge("modeldrop.log.buffered_bytes", bufferedBytes, "By", "Bytes in memory, not yet written.");
    }

    public void Written(int records, int packs, int bytes)
    {
        _records.Add(records);
        _packs.Add(packs);
        _bytes.Add(bytes);
    }

    public void Dropped(int records) => _dropped.Add(records);

    public void Retried() => _retries.Add(1);
}
