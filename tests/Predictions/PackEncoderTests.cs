using System.Runtime.InteropServices;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Predictions;

public sealed class PackEncoderTests
{
    private uint _sequence;

    [Fact]
    public void Encode_SeveralPacks_EachHasOnlyItsRecords()
    {
        var encoder = new PackEncoder();
        ScoredRequest[][] packs = [Records(3), Records(2000), Records(1), Records(700), Records(2000)];

        byte[][] streams = Array.ConvertAll(packs, pack => encoder.Encode(pack));

        Assert.All(packs.Zip(streams), pack => AssertHas(pack.First, pack.Second));
    }

    [Fact]
    public void Encode_AfterAPackThatCannotBeEncoded_WorksAsBefore()
    {
        var encoder = new PackEncoder();
        ScoredRequest[] records = Records(50);
        ScoredRequest[] broken = [records[0], records[1] with { Outputs = [] }];

        Assert.ThrowsAny<ArgumentException>(() => encoder.Encode(broken));

        AssertHas(records, encoder.Encode(records));
    }

    [Fact]
    public void Take_MoreThanAvailable_DoesNotOverlapAndIsReusedLater()
    {
        var memory = new ColumnMemory();
        for (int round = 0; round < 3; round++)
        {
            Memory<byte>[] parts = [.. Enumerable.Range(1, 20).Select(size => memory.Take(size * 100))];
            for (int part = 0; part < parts.Length; part++)
            {
                parts[part].Span.Fill((byte)part);
            }

            Assert.All(parts.Index(), part => Assert.Equal(-1, part.Item.Span.IndexOfAnyExcept((byte)part.Index)));
            Assert.Equal(Enumerable.Range(1, 20).Select(size => size * 100), parts.Select(part => part.Length));
            Assert.Equal(round > 0, MemoryMarshal.TryGetArray<byte>(parts[1], out ArraySegment<byte> second) && second.Offset > 0);
            memory.Reset();
        }
    }

    private ScoredRequest[] Records(int count) => [.. Enumerable.Range(0, count).Select(_ => Record(++_sequence))];

    /// <summary>A record whose values all identify it, with texts of any length, and with none.</summary>
    private static ScoredRequest Record(uint sequence)
    {
        int rows = 1 + (int)(sequence % 3);
        DateTimeOffset time = DateTimeOffset.UnixEpoch.AddSeconds(sequence);
        return new ScoredRequest
        {
            Id = new PredictionId(7, 490_000, 1, sequence),
            Model = LogWorld.Flights,
            Version = 1,
            ModelSha256 = "sha",
            Alias = sequence % 2 == 0 ? "champion" : null,
            RequestId = sequence % 5 == 0 ? null : $"é{sequence}",
            ReceivedAt = time,
            EventTime = time.AddSeconds(1),
            Duration = TimeSpan.FromMicroseconds(sequence),
            Inputs =
            [
                LogWorld.Floats("x", [rows, 2], [.. Enumerable.Range(0, 2 * rows).Select(value => sequence + (value / 8f))]),
                Tensor.OfStrings("s", [rows], [.. Enumerable.Range(0, rows).Select(row => new string('ü', row) + sequence)]),
            ],
            Outputs = [LogWorld.Numbers("y", Datatype.Int64, [rows], [.. Enumerable.Range(0, rows).Select(row => (long)sequence << row)])],
        };
    }

    private static void AssertHas(ScoredRequest[] records, byte[] stream)
    {
        using PackColumns columns = PackColumns.Decode(stream);
        Assert.Equal(records.Length, columns.Records);
        for (int i = 0; i < records.Length; i++)
        {
            ScoredRequest record = records[i];
            Assert.Equal(record.Id.Sequence, columns.Sequences[i]);
            Assert.Equal((record.ReceivedAt, record.EventTime), (columns.ReceivedAtOf(i), columns.EventTimeOf(i)));
            Assert.Equal(record.Duration.TotalMicroseconds, columns.Durations[i]);
            Assert.Equal((record.Alias, record.RequestId), (columns.AliasOf(i), columns.RequestIdOf(i)));
            Assert.All(
                record.Inputs.Concat(record.Outputs).Zip(columns.Inputs.Concat(columns.Outputs)),
                pair => AssertIs(pair.First, pair.Second.TensorOf(i)));
        }
    }

    private static void AssertIs(Tensor expected, Tensor actual)
    {
        Assert.Equal((expected.Name, expected.Datatype), (actual.Name, actual.Datatype));
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(expected.Strings, actual.Strings);
        Assert.True(expected.Data.Span.SequenceEqual(actual.Data.Span));
    }
}
