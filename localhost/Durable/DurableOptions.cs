using System.ComponentModel.DataAnnotations;

namespace Modeldrop.LocalHost.Durable;

/// <summary>How the local durable engine works.</summary>
public sealed class DurableOptions
{
    public const string SectionName = "Durable";

    /// <summary>Names the tables <c>{hub}Durable</c> and <c>{hub}DurableWake</c> and the container <c>{hub}-large</c>. Letters and digits.</summary>
    [RegularExpression("^[A-Za-z][A-Za-z0-9]{2,40}$")]
    public string HubName { get; set; } = "LocalHost";

    /// <summary>How often the leader looks for messages of other hosts while there are some.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan MinPollInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often it looks when there are none: one storage transaction each. Messages of the leader's own process need no look.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan MaxPollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Activities that run at the same time; 0: two a core, since most of them wait for storage.</summary>
    [Range(0, 1000)]
    public int MaxConcurrentActivities { get; set; }

    /// <summary>Instances that are advanced at the same time; replay is short, the rest is waiting for storage.</summary>
    [Range(1, 256)]
    public int MaxConcurrentTurns { get; set; } = 8;

    /// <summary>Histories kept in memory between turns, in characters; beyond it the least recently used are read again when needed.</summary>
    [Range(0, int.MaxValue)]
    public int MaxCachedChars { get; set; } = 32 * 1024 * 1024;

    internal int ActivityWorkers => MaxConcurrentActivities > 0 ? MaxConcurrentActivities : 2 * Environment.ProcessorCount;
}
