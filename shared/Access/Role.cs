namespace Modeldrop.Access;

/// <summary>What somebody is for. A grant gives one, for the whole installation or for some models.</summary>
public enum Role
{
    /// <summary>Reads everything but keys.</summary>
    Viewer,

    /// <summary>Scores, and says what turned out to be true.</summary>
    Scorer,

    /// <summary>Brings models, data sets and batches; reads and scores.</summary>
    Publisher,

    /// <summary>Decides what serves; reads and scores.</summary>
    Approver,

    /// <summary>Does everything, keys too.</summary>
    Owner,
}

/// <summary>What a route needs. A route that names several takes any of them.</summary>
[Flags]
public enum Permissions
{
    /// <summary>Nothing: the route is for everybody, a probe or the way to sign in.</summary>
    None = 0,

    /// <summary>What serves, and with which inputs and outputs.</summary>
    Metadata = 1,

    /// <summary>Everything that is stored, but for keys.</summary>
    Read = 2,

    /// <summary>Requests for scores, and feedback.</summary>
    Score = 4,

    /// <summary>New versions, data sets and batches; checks that take time.</summary>
    Publish = 8,

    /// <summary>What serves: approvals, promotions, roll backs, aliases, shadows, the archive.</summary>
    Approve = 16,

    /// <summary>Keys.</summary>
    Keys = 32,
}

/// <summary>The one table of what a role may; <c>docs/operations.md</c> shows it.</summary>
public static class RoleTable
{
    private const Permissions Everything = Permissions.Metadata | Permissions.Read | Permissions.Score | Permissions.Publish
        | Permissions.Approve | Permissions.Keys;

    public static Permissions Of(Role role) => role switch
    {
        Role.Viewer => Permissions.Metadata | Permissions.Read,
        Role.Scorer => Permissions.Metadata | Permissions.Score,
        Role.Publisher => Permissions.Metadata | Permissions.Read | Permissions.Score | Permissions.Publish,
        Role.Approver => Permissions.Metadata | Permissions.Read | Permissions.Score | Permissions.Approve,
        Role.Owner => Everything,
        _ => Permissions.None,
    };

    /// <summary>The role of a name in any case; null for anything else.</summary>
    public static Role? Find(string name) =>
        Enum.TryParse(name, ignoreCase: true, out Role role) && Enum.IsDefined(role) && name.All(char.IsAsciiLetter) ? role : null;
}
