using System.Globalization;

namespace Modeldrop.ScoringBench;

/// <summary>Processor seconds of processes, as Linux counts them.</summary>
/// <param name="Own">Seconds of the process.</param>
/// <param name="Ended">Seconds of its ended children.</param>
internal readonly record struct ProcessorTime(double Own, double Ended)
{
    private const double TicksPerSecond = 100;

    public static ProcessorTime Of(int process)
    {
        // The name in brackets may contain anything. User and system time are fields 14 and 15; those of ended children follow.
        string[] fields = File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new ProcessorTime(Seconds(11), Seconds(13));

        double Seconds(int first) => fields.Skip(first).Take(2)
            .Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>The one child of a process that runs <paramref name="program"/>.</summary>
    public static int FindChild(int process, string program) => Directory.GetDirectories($"/proc/{process}/task")
        .SelectMany(thread => File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(child => int.Parse(child, CultureInfo.InvariantCulture))
        .Single(child => File.ReadAllText($"/proc/{child}/comm").Trim() == program);

    public static ProcessorTime operator -(ProcessorTime left, ProcessorTime right) => new(left.Own - right.Own, left.Ended - right.Ended);
}
