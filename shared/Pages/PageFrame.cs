namespace Modeldrop.Pages;

/// <summary>A step in the path to a page.</summary>
/// <param name="Address">Null: the page itself.</param>
public sealed record Crumb(string Text, string? Address = null);

/// <summary>The position of a page in the console.</summary>
/// <param name="Section">The entry of the navigation to which it belongs.</param>
/// <param name="Crumbs">The path to the page, with the page itself last; empty: it is the section's first page.</param>
public sealed record PageFrame(string Section, params IReadOnlyList<Crumb> Crumbs)
{
    public const string Models = "Models";
    public const string Operations = "Operations";
    public const string Predictions = "Predictions";
    public const string Alerts = "Alerts";
    public const string Datasets = "Data sets";
    public const string Runs = "Runs";
    public const string Audit = "Audit";
    public const string Keys = "Keys";
    public const string Api = "API";

    /// <summary>The frame of the sign-in page, without the navigation: its reader may not open other pages yet.</summary>
    public static PageFrame Entrance { get; } = new("") { ShowsNavigation = false };

    /// <summary>Whether the page shows the navigation.</summary>
    public bool ShowsNavigation { get; private init; } = true;

    /// <summary>The navigation, in order.</summary>
    public static IReadOnlyList<(string Section, string Address)> Navigation { get; } =
    [
        (Models, PageLinks.Models),
        (Operations, PageLinks.Operations),
        (Predictions, PageLinks.Predictions),
        (Alerts, PageLinks.Alerts),
        (Datasets, PageLinks.Datasets),
        (Runs, PageLinks.Runs),
        (Audit, PageLinks.Audit),
        (Keys, PageLinks.Keys),
        (Api, PageLinks.Api),
    ];

    /// <summary>The frame of a page below a model.</summary>
    /// <param name="page">The page's title; null: the model's own page.</param>
    public static PageFrame OfModel(string model, string? page = null) => page is null
        ? new PageFrame(Models, new Crumb(Models, PageLinks.Models), new Crumb(model))
        : new PageFrame(Models, new Crumb(Models, PageLinks.Models), new Crumb(model, PageLinks.Model(model)), new Crumb(page));
}
