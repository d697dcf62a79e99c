using System.Globalization;
using System.Runtime.CompilerServices;

namespace Modeldrop.Errors;

/// <summary>
/// Collects violations. Beyond <see cref="ErrorText.MaxItems"/> sentences it only counts them and does not format their texts.
/// </summary>
public sealed class ViolationList
{
    private readonly List<string> _sentences = [];

    /// <summary>Number of violations.</summary>
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

    /// <summary>Creates an exception with the violations.</summary>
    public ServiceException ToException(ErrorCode code) => new(code, ErrorText.Bounded(_sentences, Count));

    /// <summary>A copy to which more can be added.</summary>
    public ViolationList Copy()
    {
        var copy = new ViolationList { Count = Count };
        copy._sentences.AddRange(_sentences);
        return copy;
    }

    /// <summary>The text of a sentence, which is formatted only if it is kept.</summary>
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

        internal string ToText() => _text.ToStringAndClear();
    }
}
