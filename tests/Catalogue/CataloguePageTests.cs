using System.Collections.Immutable;
using Modeldrop.Catalogue;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Catalogue;

public sealed class CataloguePageTests
{
    private const string Hostile = "<script>alert('x')</script>";

    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Render_NoModels_SaysWhatToDo() =>
        Assert.Contains("drop/", new CataloguePage(null).Render(new CatalogueView([], null, Noon)), StringComparison.Ordinal);

    [Fact]
    public void Render_Overview_ShowsWhatServesAndHowItDrifts()
    {
        var drift = new DriftHeadline(
            ModelName.Parse("flights"), 2, true, Drifted: 1, Features: 2, "1 of 2 features drifted over 5000 rows: distance.");

        string page = new CataloguePage(null).Render(new CatalogueView([new ModelRow(Head(), drift)], null, Noon));

        Assert.Contains("version 2", page, StringComparison.Ordinal);
        Assert.Contains("1 of 2", page, StringComparison.Ordinal);
        Assert.Contains("2026-05-06 12:00:00", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, false, true)]
    [InlineData(2, true, true)]
    [InlineData(3, true, false)]
    public void Render_OneOfSeveralPages_LinksToItsNeighbours(int page, bool before, bool next)
    {
        string html = new CataloguePage("key").Render(new CatalogueView([new ModelRow(Head(), null)], null, Noon, page, Pages: 3));

        Assert.Contains($"page {page} of 3", html, StringComparison.Ordinal);
        Assert.Equal(before, html.Contains($"/?page={page - 1}&amp;code=key", StringComparison.Ordinal));
        Assert.Equal(next, html.Contains($"/?page={page + 1}&amp;code=key", StringComparison.Ordinal));
    }

    [Fact]
    public void Render_RolloutAndShadow_AreShownWithTheirLinks()
    {
        ModelHead head = Head() with
        {
            Split = new TrafficSplit(3, 20, "flights~promote~1", Noon),
            Shadows = ImmutableSortedDictionary<int, ShadowEntry>.Empty.Add(4, new ShadowEntry(50, Noon, Noon)),
        };

        string overview = new CataloguePage(null).Render(new CatalogueView([new ModelRow(head, null)], null, Noon));
        string page = new CataloguePage("key").Render(new CatalogueView([], new ModelDetails(head, [], [], null, null, null), Noon));

        Assert.Contains("20 % to version 3", overview, StringComparison.Ordinal);
        Assert.Contains("20 % of the traffic goes to version 3", page, StringComparison.Ordinal);
        Assert.Contains("/api/operations/flights~promote~1?code=key", page, StringComparison.Ordinal);
        Assert.Contains("Version 4 answers 50 % of the logged requests as a shadow", page, StringComparison.Ordinal);
        Assert.Contains("/shadow?format=html&amp;version=4&amp;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_TextOfUsers_BecomesNoMarkup()
    {
        ModelHead head =
            Head() with { Description = Hostile, Tags = ImmutableSortedDictionary<string, string>.Empty.Add(Hostile, Hostile) };
        RegistryEvent rejected = new DropRejected(Hostile, [Hostile]) { Actor = new Actor(Hostile, Hostile), At = Noon };
        var details = new ModelDetails(head, [Version(2)], [rejected], null, null, Card: Hostile);

        string overview = new CataloguePage(Hostile).Render(new CatalogueView([new ModelRow(head, null)], null, Noon));
        string page = new CataloguePage(Hostile).Render(new CatalogueView([], details, Noon));

        Assert.DoesNotContain("<script", overview, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_AccessCode_IsInEveryLink()
    {
        string page = new CataloguePage("s3cret&more").Render(new CatalogueView([new ModelRow(Head(), null)], null, Noon));

        Assert.Contains("?model=flights&amp;code=s3cret%26more", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_RecentDrops_ShowStateAndReasons()
    {
        RecentDrop Drop(string? model, DropState state, string words, params string[] reasons) =>
            new(model, $"{model ?? "No Name"}/model.onnx", Noon, state, words, reasons, "flights~register~1");
        var view = new CatalogueView([], null, Noon)
        {
            Drops =
            [
                Drop("flights", DropState.Running, "waiting for files", "Waits for reference.csv."),
                Drop(null, DropState.Refused, "refused", Hostile, "Second."),
                Drop("late", DropState.Registered, "version 3"),
            ],
        };

        string page = new CataloguePage("key").Render(view);

        Assert.Contains("No model yet", page, StringComparison.Ordinal);
        Assert.Contains("Waits for reference.csv.", page, StringComparison.Ordinal);
        Assert.Contains("<li>Second.</li>", page, StringComparison.Ordinal);
        Assert.Contains("/?model=late&amp;code=key", page, StringComparison.Ordinal);
        Assert.Contains("/api/operations/flights~register~1?code=key", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_ModelThatWasOnlyRefused_SaysWhy()
    {
        RegistryEvent rejected = new DropRejected("odd/model.onnx", ["No label.", Hostile]) { Actor = Actor.System, At = Noon };

        string page = new CataloguePage(null).Render(
            new CatalogueView([], null, Noon) { Refused = new RefusedModel("odd", [rejected]) });

        Assert.Contains("Every drop of this model was refused", page, StringComparison.Ordinal);
        Assert.Contains("<li>No label.</li>", page, StringComparison.Ordinal);
        Assert.Contains("All models", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

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
        Operation = "flights~register~1",
    };
}
