using Modeldrop.Wire;

namespace Modeldrop.Tests.Wire;

public sealed class PooledBufferTests
{
    /// <summary>From an array of the pool over a larger one to memory of the system, which grows in place.</summary>
    [Fact]
    public void Write_UntilTheBufferIsLarge_KeepsEveryByteAndChargesForItsMemory()
    {
        var budget = new MemoryBudget(1L << 30);
        byte[] expected = new byte[5_000_000];
        new Random(1).NextBytes(expected);

        using (var buffer = new PooledBuffer(16, budget))
        {
            foreach (byte[] part in expected.Chunk(70_001))
            {
                buffer.Write(part);
                Assert.InRange(budget.Held, buffer.Length < MemoryBudget.SmallBytes ? 0 : buffer.Length, 2 * (buffer.Length + 70_001));
            }

            Assert.Equal(expected, buffer.Span.ToArray());
            Assert.Equal(expected, buffer.Memory.ToArray());
        }

        Assert.Equal((0, 0), (budget.Held, budget.Released));
    }

    [Fact]
    public void GetMemory_OfALargeBuffer_IsWhatFollowsItsContent()
    {
        using var buffer = new PooledBuffer(16);
        buffer.Write(new byte[3 << 20]);

        Span<byte> next = buffer.GetMemory(2).Span;
        (next[0], next[1]) = (6, 7);
        buffer.Advance(2);

        Assert.Equal((3 << 20) + 2, buffer.Length);
        Assert.Equal([0, 6, 7], buffer.Span[^3..].ToArray());
    }

    [Fact]
    public void Write_BeyondTheBudget_IsRefusedAndTheBufferStays()
    {
        var budget = new MemoryBudget(3 << 20);
        using (var buffer = new PooledBuffer(16, budget))
        {
            buffer.Write(new byte[1_500_000]);

            Assert.Throws<Modeldrop.Errors.ServiceException>(() => buffer.Write(new byte[2 << 20]));

            Assert.Equal(1_500_000, buffer.Length);
        }

        Assert.Equal(0, budget.Held);
    }
}
