using System.Text.RegularExpressions;
using System.Collections.Immutable;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Names;
using Modeldrop.Pages;
using Modeldrop.Registry;
using Modeldrop.Site.Models;
using Modeldrop.Tensors;
using ModelPage = Modeldrop.Site.Models.ModelPage;

namespace Modeldrop.Tests.Site.Models;

public sealed class ModelPagesTests
{
    private const string Hostile = "<script>alert('x')</script>";

    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void ModelList_EmptyInstallation_LeadsToTheFirstModel()
    {
        string page = Render(new ModelListView([], new ModelListQuery(), 0, IsEmpty: true, [], 1, 1));

        Assert.Contains("No model yet", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/console/drop\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void ModelList_ServingModel_ShowsTrafficAndDrift()
    {
        var drift = new DriftHeadline(
            ModelName.Parse("flights"), 2, true, Drifted: 1, Features: 2, "1 of 2 features drifted over 5000 rows: distance.");
        ModelHead head = Head() with { Split = new TrafficSplit(3, 20, OperationId.Parse("flights~promote~1"), Noon) };

        string page = Render(List(new ModelRow(head, drift, [], new DayTraffic([0, 1, 2], [0, 7, 0]), null)));

        Assert.Contains("version 2", page, StringComparison.Ordinal);
        Assert.Contains("20 % to version 3", page, StringComparison.Ordinal);
        Assert.Contains("1 of 2 drifted", page, StringComparison.Ordinal);
        Assert.Contains("3 requests in 24 hours, 7 failed", page, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(page, "<rect class=\"bad\""));
    }

    [Theory]
    [InlineData(1, false, true)]
    [InlineData(2, true, true)]
    [InlineData(3, true, false)]
    public void ModelList_OneOfSeveralPages_LinksToItsNeighboursWithTheFilter(int page, bool before, bool next)
    {
        var query = new ModelListQuery("a b", Filter: ModelFilter.Serving, Page: page);

        string html = Render(new ModelListView([new ModelRow(Head(), null, [], null, null)], query, 70, false, [], page, Pages: 3));

        Assert.Contains($"page {page} of 3", html, StringComparison.Ordinal);
        Assert.Equal(before, html.Contains($"/?page={page - 1}&amp;search=a%20b&amp;show=serving", StringComparison.Ordinal));
        Assert.Equal(next, html.Contains($"/?page={page + 1}&amp;search=a%20b&amp;show=serving", StringComparison.Ordinal));
    }

    [Fact]
    public void ModelList_RecentDrops_ShowStateAndReasons()
    {
        RecentDrop Drop(string? model, DropState state, string words, params string[] reasons) =>
            new(Ids.Operation("1", model ?? "$drop"), $"{model ?? "No Name"}/model.onnx", Noon, state, words, reasons);
        var view = new ModelListView([], new ModelListQuery(), 0, IsEmpty: true, [], 1, 1)
        {
            Drops =
            [
                Drop("flights", DropState.Running, "waiting for files", "Waits for reference.csv."),
                Drop(null, DropState.Refused, "refused", Hostile, "Second."),
                Drop("late", DropState.Registered, "version 3"),
            ],
        };

        string page = Render(view);

        Assert.Contains("Waits for reference.csv.", page, StringComparison.Ordinal);
        Assert.Contains("<li>Second.</li>", page, StringComparison.Ordinal);
        Assert.Contains("/console/models/late", page, StringComparison.Ordinal);
        Assert.Contains("/console/operations/flights~register~1", page, StringComparison.Ordinal);
        AssertSafe(page);
    }

    [Fact]
    public void Model_RolloutAndShadow_AreShownWithTheirLinks()
    {
        ModelHead head = Head() with
        {
            Split = new TrafficSplit(3, 20, OperationId.Parse("flights~promote~1"), Noon),
            Shadows = ImmutableSortedDictionary<int, ShadowEntry>.Empty.Add(4, new ShadowEntry(50, Noon, Noon)),
        };

        string page = Render(View(head));

        Assert.Contains("80 % champion, 20 % version 3", page, StringComparison.Ordinal);
        Assert.Contains("/console/operations/flights~promote~1", page, StringComparison.Ordinal);
        Assert.Contains("Version 4 answers 50 % of the logged requests as a shadow", page, StringComparison.Ordinal);
        Assert.Contains("/console/models/flights/shadow?version=4", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_Drift_CountsTheFeaturesThatTheSummaryCounts()
    {
        DriftReport report = DriftSamples.Report(new VersionName(ModelName.Parse("flights"), 2), "1 of 2 features drifted.");

        string page = Render(View(Head()) with { Drift = report });

        Assert.Contains("title=\"1 of 2 features drifted.\">1 of 2 drifted<", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_WithAPreviousChampion_OffersToRollBackToIt()
    {
        string page = Render(View(Head() with { Former = [1] }));

        Assert.Contains("Roll back to version 1", page, StringComparison.Ordinal);
        Assert.Contains("All traffic goes from version 2 back to <strong>version 1</strong> at once.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Roll back", Render(View(Head())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(false, null, false)]
    [InlineData(true, "No alarm <b>in</b> 40 streams.", false)]
    public void Model_WithAutomaticRollback_WarnsUntilADrillHasRun(bool rollsBack, string? summary, bool warns)
    {
        var drill = new DrillSummary(rollsBack, summary is null ? null : Noon, summary);

        string page = Render(View(Head()) with { Drill = drill });

        Assert.Equal(warns, page.Contains("has not been tested", StringComparison.Ordinal));
        Assert.Equal(summary is not null, page.Contains("No alarm &lt;b&gt;in&lt;/b&gt; 40 streams.", StringComparison.Ordinal));
    }

    [Fact]
    public void Pages_TextOfUsers_IsEncoded()
    {
        ModelHead head =
            Head() with { Description = Hostile, Tags = ImmutableSortedDictionary<string, string>.Empty.Add(Hostile, Hostile) };
        RegistryEvent rejected = new DropRejected(Hostile, [Hostile]) { Actor = new Actor(Hostile, Hostile), At = Noon };
        ModelVersion version = Version(2);
        var example = new ModelExample([new ExampleInput(new TensorSpec(Hostile, Datatype.Bytes, [1]), [1], [Hostile])], Hostile);
        ModelView view = View(head) with
        {
            Versions = [new VersionRow(head.Versions[1], version, null)],
            Events = [rejected],
            Serving = version,
            Example = example,
            Card = CardHtml.Of(Hostile),
            Address = Hostile,
        };

        AssertSafe(Render(List(new ModelRow(head, null, [], null, rejected))));
        AssertSafe(Render(view));
        Assert.Contains("&lt;script&gt;", Render(view), StringComparison.Ordinal);
    }

    [Fact]
    public void Refused_ModelWithoutAVersion_ShowsTheReasons()
    {
        RegistryEvent rejected = new DropRejected("odd/model.onnx", ["No label.", Hostile]) { Actor = Actor.System, At = Noon };

        string page = HtmlPage.Render<RefusedPage, RefusedModel>(new RefusedModel("odd", [rejected]));

        Assert.Contains("Every drop of this model was refused", page, StringComparison.Ordinal);
        Assert.Contains("<li>No label.</li>", page, StringComparison.Ordinal);
        AssertSafe(page);
    }

    /// <summary>Checks that the only script of a page is the console's own, by its address.</summary>
    private static void AssertSafe(string page)
    {
        Assert.Equal(2, page.Split("<script").Length);
        Assert.Contains("<script src=\"/assets/console.js?v=", page, StringComparison.Ordinal);
    }

    private static string Render(ModelListView view) => HtmlPage.Render<ModelListPage, ModelListView>(view);

    private static string Render(ModelView view) => HtmlPage.Render<ModelPage, ModelView>(view);

    private static ModelListView List(ModelRow row) => new([row], new ModelListQuery(), 1, IsEmpty: false, [], 1, 1);

    private static ModelView View(ModelHead head) =>
        new(head, [], [], null, null, null, null) { At = Noon, Address = "http://localhost" };

    private static ModelHead Head() => ModelHead.Empty(ModelName.Parse("flights")) with
    {
        Sequence = 9,
        Versions =
        [
            new VersionEntry(1, VersionStatus.Retired, "d1", "m1", Noon.AddHours(-2)),
            new VersionEntry(2, VersionStatus.Champion, "d2", "m2", Noon.AddHours(-1)),
        ],
        Aliases = ImmutableSortedDictionary<string, AliasEntry>.Empty.Add("champion", new AliasEntry(2, Noon)),
    };

    private static ModelVersion Version(int number) => new()
    {
        Model = ModelName.Parse("flights"),
        Number = number,
        Digest = new string('d', 64),
        ModelSha256 = new string('a', 64),
        Files = [],
        Inspection = new ModelInspection
        {
            Signature = new Signature([], []),
            Opsets = new Dictionary<string, long>(),
            Operators = new Dictionary<string, int>(),
            IrVersion = 8,
            Producer = "",
            Metadata = new Dictionary<string, string>(),
            Parameters = 0,
        },
        Manifest = new Manifest(),
        SourceLabel = Hostile,
        DroppedAt = Noon,
        RegisteredAt = Noon,
        Operation = Ids.Operation("1"),
    };
}
