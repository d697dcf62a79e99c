namespace Modeldrop.Access;

/// <summary>The role of a caller. A grant gives one role, for the whole installation or for some models.</summary>
public enum Role
{
    /// <summary>Reads everything except keys.</summary>
    Viewer,

    /// <summary>Scores, and sends feedback.</summary>
    Scorer,

    /// <summary>Adds models, data sets and batches; reads and scores.</summary>
    Publisher,

    /// <summary>Decides which versions serve; reads and scores.</summary>
    Approver,

    /// <summary>May do everything, including keys.</summary>
    Owner,
}

/// <summary>The permissions that a route needs. If it names several, any of them is enough.</summary>
[Flags]
public enum Permissions
{
    /// <summary>None: the route is open to everybody, such as a probe or the sign-in.</summary>
    None = 0,

    /// <summary>Reading which models serve, with their inputs and outputs.</summary>
    Metadata = 1,

    /// <summary>Reading all stored data, except keys.</summary>
    Read = 2,

    /// <summary>Scoring requests, and feedback.</summary>
    Score = 4,

    /// <summary>Adding versions, data sets and batches; running checks that take time.</summary>
    Publish = 8,

    /// <summary>Deciding what serves: approvals, promotions, roll backs, aliases, shadows, the archive.</summary>
    Approve = 16,

    /// <summary>Managing keys.</summary>
    Keys = 32,
}

/// <summary>The one table of the roles' permissions; <c>docs/operations.md</c> shows it.</summary>
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

    /// <summary>Finds the role with a name, in any case; null for other texts.</summary>
    public static Role? Find(string name) =>
        Enum.TryParse(name, ignoreCase: true, out Role role) && Enum.IsDefined(role) && name.All(char.IsAsciiLetter) ? role : null;
}
