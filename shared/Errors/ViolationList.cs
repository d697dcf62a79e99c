using System.Globalization;
using System.Runtime.CompilerServices;

namespace Modeldrop.Errors;

/// <summary>
/// Collects what is wrong. Beyond <see cref="ErrorText.MaxItems"/> sentences it only counts, and their texts are not even made.
/// </summary>
public sealed class ViolationList
{
    private readonly List<string> _sentences = [];

    /// <summary>How many things are wrong.</summary>
    public int Count { get; private set; }

    internal bool IsFull => _sentences.Count == ErrorText.MaxItems;

    public void Add(string sentence)
    {
        Count++;
        if (!IsFull)
        {
            _sentences.Add(sentence);
        }
    }

    public void Add([InterpolatedStringHandlerArgument("")] ref Sentence sentence) => Add(sentence.ToText());

    /// <summary>An exception that says what is wrong.</summary>
    public ServiceException ToException(ErrorCode code) => new(code, ErrorText.Bounded(_sentences, Count));

    /// <summary>A copy that more can be added to.</summary>
    public ViolationList Copy()
    {
        var copy = new ViolationList { Count = Count };
        copy._sentences.AddRange(_sentences);
        return copy;
    }

    /// <summary>The text of a sentence, which is made only where it is kept.</summary>
    [InterpolatedStringHandler]
    public ref struct Sentence
    {
        private DefaultInterpolatedStringHandler _text;

        public Sentence(int literalLength, int formattedCount, ViolationList list, out bool isKept)
        {
            isKept = !list.IsFull;
            _text = isKept ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
        }

        public void AppendLiteral(string literal) => _text.AppendLiteral(literal);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

        internal string ToText() => _text.ToStringAndClear();
    }
}
