using System.Runtime.InteropServices;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Tensors;
using Modeldrop.Wire;

namespace Modeldrop.Scoring;

/// <summary>How one output of a replay stands to the logged one.</summary>
/// <param name="Elements">Of the logged output.</param>
/// <param name="Different">Elements with other bits; all of them when the shape is another one.</param>
/// <param name="MaxUlp">The largest distance in units in the last place: how many numbers of the datatype lie between. Null without floats,
/// and where only one of two is a NaN.</param>
/// <param name="MaxAbsolute">The largest difference; null as above.</param>
public sealed record OutputDifference(string Name, string Datatype, long Elements, long Different, long? MaxUlp, double? MaxAbsolute);

/// <summary>What scoring a logged request again gave.</summary>
/// <param name="SameBits">Every output has the very bits of the log.</param>
/// <param name="SameEnvironment">The fingerprints are the same; then the bits must be.</param>
public sealed record ReplayResult(
    string Id, ModelName Model, int Version, string ModelSha256, bool SameBits, bool SameEnvironment, string LoggedEnvironment,
    string Environment, IReadOnlyList<OutputDifference> Outputs);

/// <summary>Scores a logged request again, on the very version that answered it. Nothing is logged.</summary>
public sealed class PredictionReplay(PredictionStore predictions, RegistryService registry, ScoringService scoring)
{
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.PredictionNotFound"/>; <see cref="ErrorCode.InvalidRequest"/> for a request that was not answered;
    /// <see cref="ErrorCode.VersionNotFound"/> when retention has deleted the version's files; what scoring says.
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

    /// <param name="number">The number of the bits.</param>
    /// <param name="rank">Counts numbers in their order, so that neighbours differ by 1 (Dawson 2012); both zeros are 0.</param>
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
                // Two NaNs with other payloads: other bits, and no distance.
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
                // Saturates, as the ends of FP64 lie further apart than a long counts.
                Int128 distance = Int128.Abs((Int128)rank(before[i]) - rank(after[i]));
                maxUlp = Math.Max(ulp, (long)Int128.Min(distance, long.MaxValue));
                double difference = Math.Abs(one - other);
                maxAbsolute = double.IsFinite(difference) && maxAbsolute is { } absolute ? Math.Max(absolute, difference) : null;
            }
        }

        return new OutputDifference(logged.Name, datatype, logged.Count, different, maxUlp, maxAbsolute);
    }
}
