using System.Globalization;
using Modeldrop.Tests.Acceptance.Crash;

namespace Modeldrop.LifecycleBench;

/// <summary>The part of the app that made a request.</summary>
internal enum Payer
{
    /// <summary>The durable engine: every resource named after its hub.</summary>
    Engine,

    /// <summary>The leader's lease, the timers' status, the scan for drops and its receipts.</summary>
    Host,

    /// <summary>Everything else.</summary>
    Product,
}

/// <summary>Requests to a storage account and their price, by payer and by service. Not thread-safe.</summary>
internal sealed class Tally
{
    private readonly Dictionary<(Payer Payer, StorageService Service), (double Requests, double Dollars)> _cells = [];

    public void Add(Payer payer, StorageService service, double requests, double dollars)
    {
        (double Requests, double Dollars) cell = _cells.GetValueOrDefault((payer, service));
        _cells[(payer, service)] = (cell.Requests + requests, cell.Dollars + dollars);
    }

    /// <returns>The sum of this and <paramref name="factor"/> times the other.</returns>
    public Tally Plus(Tally other, double factor)
    {
        var sum = new Tally();
        foreach ((Tally tally, double times) in ((Tally, double)[])[(this, 1), (other, factor)])
        {
            foreach (((Payer payer, StorageService service), (double requests, double dollars)) in tally._cells)
            {
                sum.Add(payer, service, requests * times, dollars * times);
            }
        }

        return sum;
    }

    public double RequestsOf(params Payer[] payers) =>
        _cells.Where(cell => payers.Contains(cell.Key.Payer)).Sum(cell => cell.Value.Requests);

    /// <summary>The total, then by payer and service.</summary>
    public string Requests()
    {
        IEnumerable<string> parts = _cells.OrderBy(cell => cell.Key).GroupBy(cell => cell.Key.Payer).Select(payer =>
            $"{Name(payer.Key)} " + string.Join(", ", payer.Select(cell => $"{Number(cell.Value.Requests)} {Name(cell.Key.Service)}")));
        return $"{Number(_cells.Values.Sum(cell => cell.Requests))}: {string.Join("; ", parts)}";
    }

    /// <summary>The price of this many repetitions: the total, then by payer.</summary>
    public string Price(double times)
    {
        IEnumerable<string> parts = _cells.OrderBy(cell => cell.Key).GroupBy(cell => cell.Key.Payer).Select(payer =>
            $"{Name(payer.Key)} {Dollars(payer.Sum(cell => cell.Value.Dollars) * times)}");
        return $"{Dollars(_cells.Values.Sum(cell => cell.Dollars) * times)} USD: {string.Join(", ", parts)}";
    }

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Number(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Dollars(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
