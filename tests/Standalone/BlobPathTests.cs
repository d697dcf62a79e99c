using Modeldrop.Standalone.Blobs;

namespace Modeldrop.Tests.Standalone;

public sealed class BlobPathTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("drop/{name}", "", "a/b.onnx", "name=a/b.onnx")]
    [InlineData("drop/{name}.onnx", "", "flights/model.onnx", "name=flights/model")]
    [InlineData("drop/{name}.onnx", "", "flights/model.json", null)]
    [InlineData("drop/in/{model}/model.onnx", "in/", "in/flights/v1/model.onnx", "model=flights/v1")]
    [InlineData("drop/{model}/{file}.{extension}", "", "flights/v1/model.onnx", "model=flights/v1;file=model;extension=onnx")]
    [InlineData("drop/exact.txt", "exact.txt", "exact.txt", "")]
    [InlineData("drop/exact.txt", "exact.txt", "exactotxt", null)]
    [InlineData("drop/{{{name}}}.txt", "{", "{a}.txt", "name=a")]
    [InlineData("drop", "", "anything", "name=anything")]
    public void Match_Name_GivesTokensOrNothing(string path, string prefix, string name, string? tokens)
    {
        BlobPath parsed = BlobPath.Parse(path, out string? error)!;
        Assert.Null(error);

        Dictionary<string, object?>? match = parsed.Match(name);

        Assert.Equal(("drop", prefix), (parsed.Container, parsed.Prefix));
        Assert.Equal(tokens, match is null ? null : string.Join(';', match.Select(token => $"{token.Key}={token.Value}")));
    }

    [Theory]
    [InlineData("Drop/{name}")]
    [InlineData("d/{name}")]
    [InlineData("drop/")]
    [InlineData("drop/{name")]
    [InlineData("drop/name}")]
    [InlineData("drop/{a}{a}")]
    [InlineData("drop/{a.b}")]
    public void Parse_WrongPath_IsAnError(string path)
    {
        Assert.Null(BlobPath.Parse(path, out string? error));
        Assert.Contains(path, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Take_VersionsOfABlob_GivesEachOnceUntilDone()
    {
        var work = new BlobWork(new() { ["old"] = "1" }, TimeSpan.FromSeconds(1));
        ListedBlob known = Blob("old", "1"), added = Blob("new", "1"), changed = Blob("old", "2");

        Assert.Equal([added], work.Take([known, added], Now, out _));
        Assert.Empty(work.Take([known, added], Now, out _));
        work.SetDone(added);
        Assert.False(work.IsRetried);
        Assert.Equal([changed], work.Take([changed, added], Now, out _));

        // A version that arrives while the previous one is processed waits for it.
        ListedBlob newest = Blob("old", "3");
        Assert.Empty(work.Take([newest, added], Now, out _));
        work.SetDone(changed);
        Assert.Equal([newest], work.Take([newest, added], Now, out _));
    }

    [Fact]
    public void SetFailed_FiveTimes_DoublesThePausesAndStaysTaken()
    {
        var work = new BlobWork([], TimeSpan.FromSeconds(1));
        ListedBlob blob = Blob("a", "1");
        DateTimeOffset now = Now;
        foreach ((int failures, int pause) in new[] { (1, 1), (2, 2), (3, 4), (4, 8) })
        {
            Assert.Equal([blob], work.Take([blob], now, out _));
            Assert.Equal(failures, work.SetFailed(blob, now));
            Assert.Empty(work.Take([blob], now.AddSeconds(pause).AddMilliseconds(-1), out _));
            now = now.AddSeconds(pause);
        }

        Assert.Equal([blob], work.Take([blob], now, out _));
        Assert.Equal(BlobWork.MaxRuns, work.SetFailed(blob, now));
        Assert.Empty(work.Take([blob], now.AddDays(1), out _));
        work.SetDone(blob);
        Assert.Empty(work.Take([blob], now.AddDays(1), out _));
        Assert.Equal(["2"], work.Take([Blob("a", "2")], now, out _).Select(taken => taken.Version));
    }

    [Fact]
    public void Take_BlobDeleted_NamesItsReceipt()
    {
        var work = new BlobWork(new() { ["a"] = "1", ["b"] = "1" }, TimeSpan.FromSeconds(1));

        work.Take([Blob("b", "1")], Now, out List<string> gone);

        Assert.Equal(["a"], gone);
        work.Forget("a");
        work.Take([Blob("b", "1")], Now, out gone);
        Assert.Empty(gone);
    }

    private static ListedBlob Blob(string name, string version) => new(name, version, new Dictionary<string, object?>());
}
