using Modeldrop.Errors;
using Modeldrop.Registry;

namespace Modeldrop.Tracking.Runs;

/// <summary>The caller, and which runs the caller may see.</summary>
/// <param name="SeesAll">Whether the caller has access to all models. A caller with access to some models sees only its own runs.</param>
public sealed record TrackingUser(Identity Who, bool SeesAll)
{
    /// <summary>The caller's name as stored for an owner.</summary>
    public string Owner => Who.Known ?? Who.Name;

    public bool MaySee(string owner) => SeesAll || owner == Owner;

    /// <exception cref="ServiceException"><see cref="ErrorCode.Forbidden"/>.</exception>
    public void Check(string owner, string what)
    {
        if (!MaySee(owner))
        {
            throw new ServiceException(
                ErrorCode.Forbidden,
                $"'{Who.Name}' has access to some models only, so it sees only its own runs; {what} belongs to somebody else.");
        }
    }
}
