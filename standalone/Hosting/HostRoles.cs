using Microsoft.Extensions.Configuration;

namespace Modeldrop.Standalone.Hosting;

/// <summary>The roles of a process.</summary>
[Flags]
internal enum HostRoles
{
    /// <summary>Answers <c>/v2</c> and MLflow's scoring protocol.</summary>
    Scoring = 1,

    /// <summary>Answers <c>/api</c> and the pages.</summary>
    Management = 2,

    /// <summary>Runs orchestrations and activities.</summary>
    Operations = 4,

    /// <summary>Runs timers and the blob trigger, while it leads.</summary>
    Timers = 8,

    All = Scoring | Management | Operations | Timers,
}

/// <summary>Reads the setting <c>Roles</c>: <c>all</c>, or names separated by commas.</summary>
internal static class HostRolesSetting
{
    private const string Key = "Roles";

    /// <exception cref="StartFailure">A name is not a role.</exception>
    public static HostRoles Read(IConfiguration configuration)
    {
        string[] names = (configuration[Key] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] unknown = [.. names.Where(name => !Enum.GetNames<HostRoles>().Contains(name, StringComparer.OrdinalIgnoreCase))];
        if (unknown.Length > 0)
        {
            throw new StartFailure(
                $"The setting {Key} names '{string.Join("', '", unknown)}'. "
                + "It must be 'all', or some of scoring, management, operations and timers, separated by commas.");
        }

        return names.Length == 0
            ? HostRoles.All
            : names.Aggregate(default(HostRoles), (roles, name) => roles | Enum.Parse<HostRoles>(name, ignoreCase: true));
    }
}
