using System.Text;
using Modeldrop.Tabular;

namespace Modeldrop.Tests.Tabular;

public sealed class TextColumnTests
{
    /// <summary>Texts of all lengths cross the ends of blocks; two columns share them.</summary>
    [Fact]
    public void Add_ManyTexts_AreReadBack()
    {
        var texts = new TextBlocks();
        TextColumn[] columns = [new(texts), new(texts)];
        List<string?>[] expected = [[], []];
        var random = new Random(1);
        for (int index = 0; index < 20_000; index++)
        {
            int length = random.Next(3) == 0 ? random.Next(200) : 2;
            string? text = random.Next(10) == 0 ? null : new string((char)random.Next('a', 'ÿ'), length);
            text = index == 5_000 ? new string('y', 600_000) : text;
            int column = random.Next(2);
            expected[column].Add(text);
            if (text is null)
            {
                columns[column].AddMissing();
            }
            else if (index % 2 == 0)
            {
                columns[column].Add(text);
            }
            else
            {
                columns[column].Add(Encoding.UTF8.GetBytes(text));
            }
        }

        Assert.Equal(expected[0], columns[0]);
        Assert.Equal(expected[1], columns[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => columns[0][columns[0].Count]);
    }

    [Fact]
    public void Cut_ThenAdd_ReplacesTheLastTexts()
    {
        var column = new TextColumn(new TextBlocks());
        column.Add("a");
        column.Add("b");

        column.Cut(1);
        column.Add("c");

        Assert.Equal(["a", "c"], column);
    }
}
