using System.Diagnostics.Metrics;
using Modeldrop.Telemetry;

namespace Modeldrop.Predictions;

/// <summary>The log's counters.</summary>
internal sealed class LogMeters
{
    private readonly Counter<long> _records;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _packs;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _retries;

    public LogMeters(IMeterFactory factory, Func<long> bufferedRecords, Func<long> bufferedBytes, Func<double> oldestAge)
    {
        Meter meter = factory.CreateServiceMeter();
        _records = meter.CreateCounter<long>("log.records", "{record}", "Records written.");
        _dropped = meter.CreateCounter<long>(
            "log.dropped", "{record}", "Records lost: the buffer was full, the store refused them, or the process ended.");
        _packs = meter.CreateCounter<long>("log.packs", "{pack}", "Packs written.");
        _bytes = meter.CreateCounter<long>("log.bytes", "By", "Bytes of the packs written.");
        _retries = meter.CreateCounter<long>("log.retries", "{attempt}", "Writes that failed and are retried.");
        meter.CreateObservableGauge("log.buffered", bufferedRecords, "{record}", "Records in memory that are not yet written.");
        meter.CreateObservableGauge("log.age", oldestAge, "s", "Age of the oldest record in memory that is not yet written.");
        meter.CreateObservableGauge("log.buffered_bytes", bufferedBytes, "By", "Bytes in memory that are not yet written.");
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
