using Modeldrop.Probe.Onnx;
using Modeldrop.Tensors;

namespace Modeldrop.Probe.Child;

/// <summary>Joins the outputs of batches into one tensor over all rows.</summary>
internal sealed class OutputCollector(Signature signature, long maxBytes)
{
    private readonly List<Joint> _outputs = [];
    private readonly List<string> _leftOut = [];
    private long _bytes;

    /// <summary>Outputs that do not have a value for each row.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    public void Add(IReadOnlyList<Tensor> outputs, int rows)
    {
        foreach (Tensor output in outputs.Where(output => !_leftOut.Contains(output.Name)))
        {
            Joint? joint = _outputs.Find(known => known.Name == output.Name);
            bool hasRows = signature.FindOutput(output.Name) is not { Sequence: true }
                && output.Shape.Length > 0
                && output.Shape[0] == rows;
            if (!hasRows || (joint is not null && !joint.Fits(output)))
            {
                _leftOut.Add(output.Name);
                _outputs.RemoveAll(known => known.Name == output.Name);
                continue;
            }

            if (joint is null)
            {
                _outputs.Add(joint = new Joint(output));
            }

            joint.Rows += rows;
            joint.Parts.Add(output);
            _bytes += output.Bytes;
            if (_bytes > maxBytes)
            {
                throw new OnnxRejectedException($"The outputs take more than {maxBytes:N0} bytes, which is the limit.");
            }
        }
    }

    public IReadOnlyList<Tensor> Joined() => [.. _outputs.Select(output => output.Join())];

    private sealed class Joint(Tensor first)
    {
        public string Name => first.Name;

        public long Rows { get; set; }

        public List<Tensor> Parts { get; } = [];

        public bool Fits(Tensor next) => next.Datatype == first.Datatype && next.Shape.Skip(1).SequenceEqual(first.Shape.Skip(1));

        public Tensor Join()
        {
            long[] shape = [Rows, .. first.Shape.Skip(1)];
            if (first.Strings is not null)
            {
                return Tensor.OfStrings(Name, shape, [.. Parts.SelectMany(part => part.Strings!)]);
            }

            var data = new byte[Parts.Sum(part => part.Data.Length)];
            int at = 0;
            foreach (Tensor part in Parts)
            {
                part.Data.CopyTo(data.AsMemory(at));
                at += part.Data.Length;
            }

            return Tensor.OfBytes(Name, first.Datatype, shape, data);
        }
    }
}
