using System.Globalization;
using System.Text;
using System.Text.Json;
using Sylvan.Data.Csv;

namespace Modeldrop.Standalone.Demo;

/// <summary>A flight of <c>stream.csv</c>.</summary>
internal sealed record Flight(DateTimeOffset At, long Hour, long DayOfWeek, float Distance, string Origin, string Destination);

/// <summary>The flights sample as inference requests.</summary>
internal static class DemoData
{
    public static async Task<IReadOnlyList<Flight>> ReadFlightsAsync(string path, CancellationToken cancellationToken)
    {
        var flights = new List<Flight>();
        await using CsvDataReader reader = await CsvDataReader.CreateAsync(
            path, new CsvDataReaderOptions { Culture = CultureInfo.InvariantCulture }, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            flights.Add(new Flight(
                DateTimeOffset.Parse(
                    Column("ts"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
                long.Parse(Column("hour"), CultureInfo.InvariantCulture),
                long.Parse(Column("dow"), CultureInfo.InvariantCulture),
                float.Parse(Column("distance"), CultureInfo.InvariantCulture),
                Column("origin"),
                Column("destination")));
        }

        return flights;

        string Column(string name) => reader.GetString(reader.GetOrdinal(name));
    }

    /// <summary>Creates one request for some flights.</summary>
    /// <param name="eventTime">Time of the record: history is replayed under its own time.</param>
    public static HttpContent ToRequest(IReadOnlyList<Flight> flights, DateTimeOffset? eventTime)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            if (eventTime is { } at)
            {
                json.WriteStartObject("parameters");
                json.WriteString("event_time", at);
                json.WriteEndObject();
            }

            json.WriteStartArray("inputs");
            WriteInput(json, "hour", "INT64", flights, flight => json.WriteNumberValue(flight.Hour));
            WriteInput(json, "dow", "INT64", flights, flight => json.WriteNumberValue(flight.DayOfWeek));
            WriteInput(json, "distance", "FP32", flights, flight => json.WriteNumberValue(flight.Distance));
            WriteInput(json, "origin", "BYTES", flights, flight => json.WriteStringValue(flight.Origin));
            WriteInput(json, "destination", "BYTES", flights, flight => json.WriteStringValue(flight.Destination));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return new StringContent(Encoding.UTF8.GetString(body.ToArray()), Encoding.UTF8, "application/json");
    }

    private static void WriteInput(Utf8JsonWriter json, string name, string datatype, IReadOnlyList<Flight> flights, Action<Flight> write)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("datatype", datatype);
        json.WriteStartArray("shape");
        json.WriteNumberValue(flights.Count);
        json.WriteNumberValue(1);
        json.WriteEndArray();
        json.WriteStartArray("data");
        foreach (Flight flight in flights)
        {
            write(flight);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
