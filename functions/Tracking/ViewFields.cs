using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>Reads the view type of a search.</summary>
internal static class ViewFields
{
    public static ViewType Of(CallFields fields, string name)
    {
        string? text = fields.Text(name);
        switch (text)
        {
            case null or "ACTIVE_ONLY" or "1":
                return ViewType.ActiveOnly;
            case "DELETED_ONLY" or "2":
                return ViewType.DeletedOnly;
            case "ALL" or "3":
                return ViewType.All;
            default:
                fields.Refuse($"'{name}' is '{text}'; it must be ACTIVE_ONLY, DELETED_ONLY or ALL.");
                return ViewType.All;
        }
    }
}
