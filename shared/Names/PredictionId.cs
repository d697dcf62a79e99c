using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Modeldrop.Errors;

namespace Modeldrop.Names;

/// <summary>
/// The id of a prediction, which also says where its record is: 26 characters of Crockford's base 32. <c>PredictionLog.NextId</c> makes new
/// ones.
/// </summary>
/// <param name="ModelHash">First 32 bits of the SHA-256 of the model's name; a collision costs a filter, not correctness.</param>
/// <param name="Hour">Hour of scoring, in hours since 1970-01-01T00Z.</param>
/// <param name="Writer">The process that scored it.</param>
/// <param name="Sequence">A counter of that process.</param>
public readonly record struct PredictionId(uint ModelHash, uint Hour, uint Writer, uint Sequence)
{
    /// <summary>Number of characters in the text form.</summary>
    public const int TextLength = 26;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> when <paramref name="text"/> is not an id.</exception>
    public static PredictionId Parse(string text) =>
        Find(text) ?? throw new ServiceException(ErrorCode.InvalidRequest,
            $"'{text}' is not a prediction id: {TextLength} characters of Crockford's base 32, the first at most 7.");

    /// <summary>
    /// The id, or null if <paramref name="text"/> is not one. Case does not matter, and I, L, O are read as 1, 1, 0, as Crockford
    /// specifies.
    /// </summary>
    public static PredictionId? Find(string? text)
    {
        if (text?.Length != TextLength)
        {
            return null;
        }

        UInt128 value = 0;
        for (int position = 0; position < TextLength; position++)
        {
            int digit = DigitOf(text[position]);
            // 26 digits hold 130 bits, so the first may use only three of its five.
            if (digit < 0 || (position == 0 && digit > 7))
            {
                return null;
            }

            value = (value << 5) | (uint)digit;
        }

        return new PredictionId((uint)(value >> 96), (uint)(value >> 64), (uint)(value >> 32), (uint)value);
    }

    public static uint HashOf(ModelName model) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(model.Value)));

    /// <summary>Hours since 1970-01-01T00Z; 0 for earlier times.</summary>
    public static uint HourOf(DateTimeOffset time) => (uint)Math.Max(0, time.ToUnixTimeSeconds() / 3600);

    public override string ToString() => string.Create(TextLength, this, static (text, id) =>
    {
        UInt128 value = new(((ulong)id.ModelHash << 32) | id.Hour, ((ulong)id.Writer << 32) | id.Sequence);
        for (int position = TextLength - 1; position >= 0; position--)
        {
            text[position] = Alphabet[(int)((uint)value & 31)];
            value >>= 5;
        }
    });

    private static int DigitOf(char character) => char.ToUpperInvariant(character) switch
    {
        'I' or 'L' => 1,
        'O' => 0,
        char other => Alphabet.IndexOf(other, StringComparison.Ordinal),
    };
}
