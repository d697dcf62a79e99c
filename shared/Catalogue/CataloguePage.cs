using System.Globalization;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Catalogue;

/// <summary>Renders the catalogue: one document, no script, nothing from elsewhere.</summary>
public sealed class CataloguePage(string? accessCode)
{
    private const double BarWidth = 160;

    /// <summary>A population stability index from which the bar is full.</summary>
    private const double FullBarPsi = 0.5;

    // The platform takes the admin key as ?code=…: links must carry it on.
    private readonly string _code = accessCode is null ? "" : $"&code={Uri.EscapeDataString(accessCode)}";

    private Markup Home => new(_code.Length == 0 ? "/" : $"/?{_code.TrimStart('&')}");

    public string Render(CatalogueView view) =>
        Document(view.Selected?.Head.Name ?? "Models", view.At, view.Selected is { } details ? Details(details) : Overview(view));

    /// <summary>The page for a model that cannot be shown.</summary>
    public string RenderMissing(string reason, DateTimeOffset at) => Document("Not found", at, Markup.Of($"""
        {Back}
        <h1>Not found</h1>
        <p>{reason}</p>
        """));

    private Markup Back => Markup.Of($"""<nav><a href="{Home}">← All models</a></nav>""");

    private string Document(string title, DateTimeOffset at, Markup content) => Markup.Of($"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{title} · Modeldrop</title>
        <style>{CatalogueStyle.Css}</style>
        </head>
        <body>
        <header><a href="{Home}">Modeldrop</a><span>{at:yyyy-MM-dd HH:mm:ss} UTC</span></header>
        <main>
        {content}
        </main>
        </body>
        </html>
        """).Html;

    private Markup Overview(CatalogueView view) => view.Models.Count == 0
        ? Markup.Of($"""
            <h1>No model yet</h1>
            <p>Put one into the blob container <code>drop</code>: the model and its companions, in any order. The registration starts when the folder is quiet.</p>
            <pre>drop/&lt;model&gt;/reference.csv    training data: what drift is measured against
            drop/&lt;model&gt;/validation.csv   held-out rows with the label
            drop/&lt;model&gt;/model.json       manifest: label, metrics that must hold
            drop/&lt;model&gt;/model.onnx       the model</pre>
            <p>Or by HTTP, from the repository's folder:</p>
            <pre>curl -F files=@samples/penguins/reference.csv -F files=@samples/penguins/validation.csv \
                 -F files=@samples/penguins/1/model.json -F files=@samples/penguins/1/examples.json \
                 -F files=@samples/penguins/1/model.onnx &lt;this address&gt;/api/models/penguins/versions</pre>
            <p>What happens then is on this page and at <a href="/api/operations{Query}">/api/operations</a>.</p>
            """)
        : Markup.Of($"""
            <h1>Models</h1>
            <div class="scroll"><table>
            <thead><tr><th>Model</th><th>Serves</th><th>Since</th><th>Versions</th><th>Newest</th><th>Drift</th><th>Tags</th></tr></thead>
            <tbody>{Markup.All(view.Models.Select(Row))}</tbody>
            </table></div>
            {(view.Pages == 1 ? Markup.Empty : Pages(view))}
            """);

    private Markup Pages(CatalogueView view)
    {
        Markup before = view.Page > 1 ? Markup.Of($"<a href=\"/?page={view.Page - 1}{new Markup(_code)}\">← Before</a> · ") : Markup.Empty;
        Markup next = view.Page < view.Pages ? Markup.Of($" · <a href=\"/?page={view.Page + 1}{new Markup(_code)}\">Next →</a>")
            : Markup.Empty;
        return Markup.Of($"<nav>{before}page {view.Page} of {view.Pages}{next}</nav>");
    }

    private Markup Row(ModelRow row)
    {
        ModelHead head = row.Head;
        VersionEntry? newest = head.Versions.LastOrDefault();
        AliasEntry? champion = head.Aliases.GetValueOrDefault(AliasName.Champion.Value);
        return Markup.Of($"""
            <tr>
            <td><a href="/?model={head.Name}{new Markup(_code)}"><strong>{head.Name}</strong></a><br><small>{head.Description}</small></td>
            <td>{(champion is null ? Markup.Of($"<span class=\"badge none\">nothing</span>") : Markup.Of($"<span class=\"badge champion\">version {champion.Version}</span>"))}{Split(head)}</td>
            <td>{Time(champion?.Since)}</td>
            <td class="n">{head.Versions.Length}</td>
            <td>{(newest is null ? Markup.Of($"<small>none; see its drops</small>") : Markup.Of($"{newest.Version} {Badge(newest.Status)}{Failed(newest)}"))}</td>
            <td>{DriftBadge(row.Drift)}</td>
            <td>{Tags(head)}</td>
            </tr>
            """);
    }

    private Markup Details(ModelDetails details) => Markup.Of($"""
        {Back}
        <h1>{details.Head.Name}{(details.Head.Archived ? Markup.Of($" <span class=\"badge none\">archived</span>") : Markup.Empty)}</h1>
        <p>{details.Head.Description}</p>
        <p>{Tags(details.Head)}</p>
        <p>{Traffic(details.Head)}</p>
        <h2>Versions</h2>
        <div class="scroll"><table>
        <thead><tr><th>Version</th><th>Status</th><th>Aliases</th><th>Registered</th><th>Data set</th><th>Source</th><th>Model SHA-256</th><th>Report</th></tr></thead>
        <tbody>{Markup.All(details.Versions.Select(version => Version(details.Head, version)))}</tbody>
        </table></div>
        <h2>Drift</h2>
        {Drift(details.Drift)}
        {Drill(details)}
        <p><a href="/api/models/{details.Head.Name}/drift?format=html{new Markup(_code)}">Distributions and how they went</a> · <a href="/api/models/{details.Head.Name}/performance?window=day&amp;format=html{new Markup(_code)}">how right it was, day by day</a> · <a href="/api/alerts?model={details.Head.Name}{new Markup(_code)}">alerts</a></p>
        <h2>What happened</h2>
        <div class="scroll"><table>
        <thead><tr><th>When</th><th>Who</th><th>What</th></tr></thead>
        <tbody>{Markup.All(details.Events.Select(Event))}</tbody>
        </table></div>
        {(details.Card is null ? Markup.Empty : Markup.Of($"<h2>Model card</h2><pre>{details.Card}</pre>"))}
        """);

    private static Markup Split(ModelHead head) => head.Split is { } split
        ? Markup.Of($"<br><small>{split.Percent} % to version {split.Version}</small>")
        : Markup.Empty;

    /// <summary>Where requests go that name no version, and what answers them later.</summary>
    private Markup Traffic(ModelHead head)
    {
        Markup split = head.Split is { } rollout
            ? Markup.Of($"{rollout.Percent} % of the traffic goes to version {rollout.Version} since {Time(rollout.Since)}{(rollout.Operation is { } operation ? Markup.Of($" (<a href=\"/api/operations/{Uri.EscapeDataString(operation)}{Query}\">rollout</a>)") : Markup.Empty)}. ")
            : Markup.Empty;
        Markup shadows = Markup.All(head.Shadows.Select(shadow => Markup.Of(
            $"Version {shadow.Key} answers {shadow.Value.Percent} % of the logged requests as a shadow (<a href=\"/api/models/{head.Name}/shadow?format=html&version={shadow.Key}{new Markup(_code)}\">comparison</a>). ")));
        return Markup.Of($"{split}{shadows}");
    }

    private Markup Query => _code.Length == 0 ? Markup.Empty : new Markup("?" + _code.TrimStart('&'));

    private Markup Version(ModelHead head, ModelVersion version)
    {
        VersionEntry? entry = head.FindVersion(version.Version);
        VersionStatus status = entry?.Status ?? VersionStatus.Registered;
        IEnumerable<string> aliases = head.Aliases.Where(alias => alias.Value.Version == version.Version).Select(alias => alias.Key);
        string report = $"/api/models/{version.Model}/versions/{version.Version.ToString(CultureInfo.InvariantCulture)}/report?format=html";
        return Markup.Of($"""
            <tr>
            <td class="n">{version.Version}</td>
            <td>{Badge(status)}{Failed(entry)}</td>
            <td>{string.Join(", ", aliases)}</td>
            <td>{Time(version.RegisteredAt)}</td>
            <td>{(version.Dataset is { } dataset ? Markup.Of($"{dataset.Name} {dataset.Version}") : Markup.Of($"<small>none</small>"))}</td>
            <td class="wrap">{version.SourceLabel}</td>
            <td><code title="{version.ModelSha256}">{version.ModelSha256[..12]}</code></td>
            <td><a href="{report}{new Markup(_code)}">report</a></td>
            </tr>
            """);
    }

    private static Markup Drift(DriftSummary? drift) => drift is null
        ? Markup.Of($"<p>Not checked yet.</p>")
        : Markup.Of($"""
            <p>{DriftBadge(new DriftHeadline("", drift.Version, drift.HasVerdict, drift.Drifted, drift.Features.Count, drift.Summary))} {drift.Summary}</p>
            <p><small>Version {drift.Version}, {drift.Rows:N0} rows from {Time(drift.From)} to {Time(drift.To)}, checked {Time(drift.CheckedAt)}</small></p>
            <div class="scroll"><table>
            <thead><tr><th>Feature</th><th>Verdict</th><th>PSI</th><th></th><th>Jensen-Shannon</th></tr></thead>
            <tbody>{Markup.All(drift.Features.Select(DriftFeature))}</tbody>
            </table></div>
            """);

    private static Markup Drill(ModelDetails details) => details.Drill switch
    {
        { RanAt: { } at } drill => Markup.Of($"<p><strong>Fire drill</strong> of {Time(at)}: {drill.Summary}</p>"),
        { RollsBack: true } => Markup.Of($"""
            <p><span class="badge rejected">no drill</span> Monitoring may roll this version back by itself, and what it would do has not been tried.
            <code>POST /api/models/{details.Head.Name}/drill</code> tries it on the version's own traffic.</p>
            """),
        _ => Markup.Empty,
    };

    private static Markup DriftFeature(DriftFeatureSummary feature) => Markup.Of($"""
        <tr>
        <td>{feature.Name}</td>
        <td><span class="badge {(feature.Why is not null ? "none" : feature.Drifted ? "rejected" : "validated")}" title="{feature.Why}">{feature.Verdict}</span></td>
        <td class="n">{feature.Psi?.ToString("0.000", CultureInfo.InvariantCulture)}</td>
        <td>{Bar(feature)}</td>
        <td class="n">{feature.JensenShannon?.ToString("0.000", CultureInfo.InvariantCulture)}</td>
        </tr>
        """);

    private static Markup Bar(DriftFeatureSummary feature)
    {
        double width = Math.Clamp((feature.Psi ?? 0) / FullBarPsi, 0, 1) * BarWidth;
        return Markup.Of($"""<svg width="{BarWidth:0}" height="10" role="img" aria-label="PSI {feature.Psi ?? 0:0.000}"><rect class="rail" width="{BarWidth:0}" height="10"/><rect class="{(feature.Drifted ? "bad" : "good")}" width="{width:0.0}" height="10"/></svg>""");
    }

    private static Markup Event(RegistryEvent registryEvent) => Markup.Of($"""
        <tr><td>{Time(registryEvent.At)}</td><td>{registryEvent.Actor.Name}</td><td class="wrap">{EventWords.Describe(registryEvent)}{(registryEvent.Actor.Reason is { } reason ? $" ({reason})" : "")}</td></tr>
        """);

    private static Markup Badge(VersionStatus status) =>
        Markup.Of($"<span class=\"badge {status.ToString().ToLowerInvariant()}\">{EventWords.Words(status)}</span>");

    private static Markup Failed(VersionEntry? version) => version is { Failed: true }
        ? Markup.Of($" <span class=\"badge rejected\" title=\"It failed its validation with files that came late\">failed</span>")
        : Markup.Empty;

    private static Markup DriftBadge(DriftHeadline? drift) => drift switch
    {
        null => Markup.Of($"<small>not checked</small>"),
        { HasVerdict: false } => Markup.Of($"<span class=\"badge none\" title=\"{drift.Summary}\">no verdict</span>"),
        { Drifted: 0 } => Markup.Of($"<span class=\"badge validated\">none found</span>"),
        _ => Markup.Of($"<span class=\"badge rejected\">{drift.Drifted} of {drift.Features}</span>"),
    };

    private static Markup Tags(ModelHead head) =>
        Markup.All(head.Tags.Select(tag => Markup.Of($"<span class=\"tag\">{tag.Key}: {tag.Value}</span> ")));

    private static Markup Time(DateTimeOffset? at) => at is { } known
        ? Markup.Of($"<time datetime=\"{known.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\">{known.UtcDateTime:yyyy-MM-dd HH:mm:ss}</time>")
        : Markup.Empty;
}
