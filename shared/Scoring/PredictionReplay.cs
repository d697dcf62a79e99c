using System.Runtime.InteropServices;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Tensors;
using Modeldrop.Wire;

namespace Modeldrop.Scoring;

/// <summary>Compares one output of a replay with the logged one.</summary>
/// <param name="Elements">Number of elements of the logged output.</param>
/// <param name="Different">Elements with different bits; all of them when the shape differs.</param>
/// <param name="MaxUlp">
/// The largest distance in units in the last place: the number of steps between neighbouring numbers of the datatype. Null without floats,
/// and when only one of two numbers is NaN.
/// </param>
/// <param name="MaxAbsolute">The largest difference; null like <paramref name="MaxUlp"/>.</param>
public sealed record OutputDifference(string Name, string Datatype, long Elements, long Different, long? MaxUlp, double? MaxAbsolute);

/// <summary>The result of scoring a logged request again.</summary>
/// <param name="SameBits">Whether every output has exactly the logged bits.</param>
/// <param name="SameEnvironment">Whether the fingerprints are equal; the bits must then be equal too.</param>
public sealed record ReplayResult(
    string Id, ModelName Model, int Version, string ModelSha256, bool SameBits, bool SameEnvironment, string LoggedEnvironment,
    string Environment, IReadOnlyList<OutputDifference> Outputs);

/// <summary>Scores a logged request again, on the version that answered it. Nothing is logged.</summary>
public sealed class PredictionReplay(PredictionStore predictions, RegistryService registry, ScoringService scoring)
{
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.PredictionNotFound"/>; <see cref="ErrorCode.InvalidRequest"/> for a request that was not answered;
    /// <see cref="ErrorCode.VersionNotFound"/> when retention has deleted the version's files; and the errors of scoring.
    /// </exception>
    public async Task<ReplayResult> RunAsync(PredictionId id, CancellationToken cancellationToken)
    {
        Prediction logged = await predictions.GetAsync(id, cancellationToken);
        if (logged.Error is { } error)
        {
            throw new ServiceException(
                ErrorCode.InvalidRequest, $"Request '{id}' was not answered, so there is nothing to compare with: {error}");
        }

        ModelHead head = await registry.GetAsync(logged.Model, cancellationToken);
        VersionEntry version = head.FindVersion(logged.Version) is { Status: not VersionStatus.Deleted } found
            ? found
            : throw new ServiceException(
                ErrorCode.VersionNotFound,
                $"The files of version {logged.Version} of '{logged.Model}' were deleted by retention; it cannot score again.");
        ScoredRows now = await scoring.ScoreAsync(logged.Model, version, logged.Inputs, cancellationToken);
        List<OutputDifference> outputs = [
            .. logged.Outputs.Select(output => Compare(output, now.Outputs.FirstOrDefault(one => one.Name == output.Name)))];
        return new ReplayResult(
            id.ToString(), logged.Model, logged.Version, logged.ModelSha256,
            outputs.TrueForAll(
                output =>
                    output.Different == 0), logged.Environment == EnvironmentFingerprint.Current, logged.Environment,
                    EnvironmentFingerprint.Current, outputs);
    }

    internal static OutputDifference Compare(Tensor logged, Tensor? now)
    {
        string datatype = logged.Datatype.ProtocolName();
        if (now is null || now.Datatype != logged.Datatype || !now.Shape.AsSpan().SequenceEqual(logged.Shape))
        {
            return new OutputDifference(logged.Name, datatype, logged.Count, Math.Max(1, logged.Count), null, null);
        }

        if (logged.Strings is { } strings)
        {
            return new OutputDifference(
                logged.Name, datatype, logged.Count, strings.Zip(now.Strings!).Count(pair => pair.First != pair.Second), null, null);
        }

        return logged.Datatype switch
        {
            Datatype.Fp32 => Floats<int>(
                logged, now, datatype, bits => BitConverter.Int32BitsToSingle(bits), bits => bits < 0 ? (long)int.MinValue - bits : bits),
            Datatype.Fp64 => Floats<long>(
                logged, now, datatype, BitConverter.Int64BitsToDouble, bits => bits < 0 ? long.MinValue - bits : bits),
            Datatype.Fp16 => Floats<short>(
                logged, now, datatype, bits => (double)BitConverter.Int16BitsToHalf(bits),
                bits => bits < 0 ? (long)short.MinValue - bits : bits),
            Datatype.Bf16 => Floats<short>(
                logged, now, datatype, bits => BitConverter.Int32BitsToSingle(bits << 16),
                bits => bits < 0 ? (long)short.MinValue - bits : bits),
            _ => new OutputDifference(logged.Name, datatype, logged.Count, DifferentElements(logged, now), null, null),
        };
    }

    private static long DifferentElements(Tensor logged, Tensor now)
    {
        int size = logged.Datatype.ElementBytes();
        return Enumerable.Range(0, (int)logged.Count).Count(
            i => !logged.Data.Span.Slice(i * size, size).SequenceEqual(now.Data.Span.Slice(i * size, size)));
    }

    /// <param name="number">Converts bits to the number.</param>
    /// <param name="rank">
    /// Converts bits to consecutive integers in the order of the numbers, so that neighbours differ by 1 (Dawson 2012); both zeros are 0.
    /// </param>
    private static OutputDifference Floats<TBits>(
        Tensor logged, Tensor now, string datatype, Func<TBits, double> number, Func<TBits, long> rank)
        where TBits : unmanaged, IEquatable<TBits>
    {
        ReadOnlySpan<TBits> before = MemoryMarshal.Cast<byte, TBits>(logged.Data.Span);
        ReadOnlySpan<TBits> after = MemoryMarshal.Cast<byte, TBits>(now.Data.Span);
        long different = 0;
        long? maxUlp = 0;
        double? maxAbsolute = 0;
        for (int i = 0; i < before.Length; i++)
        {
            if (before[i].Equals(after[i]))
            {
                continue;
            }

            different++;
            double one = number(before[i]);
            double other = number(after[i]);
            if (double.IsNaN(one) && double.IsNaN(other))
            {
                // Two NaNs with different payloads: the bits differ, and there is no distance.
                continue;
            }

            if (double.IsNaN(one) || double.IsNaN(other))
            {
                maxUlp = null;
                maxAbsolute = null;
                continue;
            }

            if (maxUlp is { } ulp)
            {
                // Saturates, because the ends of FP64 are farther apart than a long can express.
                Int128 distance = Int128.Abs((Int128)rank(before[i]) - rank(after[i]));
                maxUlp = Math.Max(ulp, (long)Int128.Min(distance, long.MaxValue));
                double difference = Math.Abs(one - other);
                maxAbsolute = double.IsFinite(difference) && maxAbsolute is { } absolute ? Math.Max(absolute, difference) : null;
            }
        }

        return new OutputDifference(logged.Name, datatype, logged.Count, different, maxUlp, maxAbsolute);
    }
}
