using Modeldrop.Errors;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Registry;

/// <summary>Many writers at once lose nothing: the head is the sum of the events, at every moment and for every alias.</summary>
public sealed class RegistryPropertyTests(AzuriteFixture azurite)
{
    private const int Writers = 8;

    private static readonly string[] Models = ["alpha", "alpha-b", "beta"];
    private static readonly AliasName[] Aliases = [AliasName.Champion, AliasName.Challenger, AliasName.Parse("canary")];

    private readonly RegistryKit _kit = new(azurite);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AppendAsync_EightWritersOnThreeModels_LoseNothing()
    {
        const int Appends = 150;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            for (int append = 0; append < Appends; append++)
            {
                string text = $"{writer}-{append}";
                await _kit.Store.AppendAsync(Models[(writer + append) % Models.Length], head =>
                    [new VersionRegistered(head.Versions.Length + 1, text, text) { Actor = Actor.System }], Cancelled);
            }
        }));

        var written = new List<string>();
        foreach (string model in Models)
        {
            await _kit.AssertHeadIsSumOfEventsAsync(model);
            ModelHead head = await _kit.Service.GetAsync(ModelName.Parse(model), Cancelled);
            Assert.Equal(Enumerable.Range(1, head.Versions.Length), head.Versions.Select(version => version.Version));
            written.AddRange(head.Versions.Select(version => version.Digest));
        }

        Assert.Equal(Writers * Appends, written.Count);
        Assert.Equal(Writers * Appends, written.Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Service_RandomOperationsByManyWriters_HeadIsTheSumOfItsEvents(int seed)
    {
        foreach (string model in Models)
        {
            await _kit.ValidateAsync($"{model}-first", model);
            await _kit.ValidateAsync($"{model}-second", model);
        }

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(new Random((seed * 100) + writer), $"w{writer}")));

        foreach (ModelName model in Models.Select(ModelName.Parse))
        {
            await _kit.AssertHeadIsSumOfEventsAsync(model.Value);
            ModelHead head = await _kit.Service.GetAsync(model, Cancelled);
            AliasEntry? champion = head.Aliases.GetValueOrDefault("champion");
            Assert.Equal(champion is null ? [] : [champion.Version],
                head.Versions.Where(version => version.Status == VersionStatus.Champion).Select(version => version.Version));
            await AssertEveryInstantAsync(model);
        }
    }

    private async Task WriteAsync(Random random, string writer)
    {
        for (int step = 0; step < 60; step++)
        {
            ModelName model = ModelName.Parse(Models[random.Next(Models.Length)]);
            AliasName alias = Aliases[random.Next(Aliases.Length)];
            int version = random.Next(1, 5);
            Actor actor = RegistryKit.By($"{writer}-{step / 2}", writer);
            _kit.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(3)));
            Task operation = random.Next(9) switch
            {
                0 or 1 or 2 => _kit.Service.MoveAliasAsync(model, alias, version, random.Next(3) == 0 ? random.Next(3) : null, actor, Cancelled),
                3 => _kit.Service.DeleteAliasAsync(model, alias, actor, Cancelled),
                4 => _kit.Service.RollBackAsync(model, null, actor, Cancelled),
                5 => _kit.Service.DescribeAsync(model, $"text {random.Next(3)}", null, actor, Cancelled),
                6 => _kit.Service.ArchiveAsync(model, random.Next(2) == 0, actor, Cancelled),
                7 => _kit.Service.RecordRejectionAsync(DropPath.Find($"{model}/model.onnx")!, ["why"], actor, Cancelled),
                _ => _kit.Service.SetStatusAsync(model, version, (VersionStatus)random.Next(7), null, actor, Cancelled),
            };
            try
            {
                await operation;
            }
            catch (ServiceException refused) when (refused.Code
                is ErrorCode.VersionNotFound or ErrorCode.VersionNotReady or ErrorCode.AliasNotFound or ErrorCode.AliasConflict)
            {
                // A wish that cannot come true must leave no trace; the sums below show it.
            }
        }
    }

    private async Task AssertEveryInstantAsync(ModelName model)
    {
        List<RegistryEvent> events = await _kit.EventsAsync(model.Value);
        foreach (IGrouping<DateTimeOffset, RegistryEvent> moment in events.GroupBy(one => one.At).Where((_, index) => index % 25 == 0).ToList())
        {
            ModelHead head = events.Where(one => one.At <= moment.Key).Aggregate(ModelHead.Empty(model.Value), (sum, one) => sum.Apply(one));
            foreach (AliasName alias in Aliases)
            {
                AliasEntry? then = await _kit.Service.AliasAtAsync(model, alias, moment.Key, Cancelled);
                Assert.Equal(head.Aliases.GetValueOrDefault(alias.Value), then);
            }
        }
    }
}
