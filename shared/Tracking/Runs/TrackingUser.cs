using Modeldrop.Errors;
using Modeldrop.Registry;

namespace Modeldrop.Tracking.Runs;

/// <summary>Who calls, and whose runs that may be about.</summary>
/// <param name="SeesAll">Whether the caller is for all models; one that is for some sees the runs that it has made.</param>
public sealed record TrackingUser(Identity Who, bool SeesAll)
{
    /// <summary>The caller, as an owner is stored.</summary>
    public string Owner => Who.Known ?? Who.Name;

    public bool MaySee(string owner) => SeesAll || owner == Owner;

    /// <exception cref="ServiceException"><see cref="ErrorCode.Forbidden"/>.</exception>
    public void Check(string owner, string what)
    {
        if (!MaySee(owner))
        {
            throw new ServiceException(
                ErrorCode.Forbidden,
                $"'{Who.Name}' is for some models only and sees the runs that it has made; {what} is somebody else's.");
        }
    }
}
