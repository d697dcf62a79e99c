using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary>One of the <c>inputs</c> of a request while it is read.</summary>
/// <param name="position">Position in the request, from 0: identifies inputs without a name.</param>
internal sealed class InputHeader(int position)
{
    private Tensor? _tensor;
    private string? _violation;

    public int Position { get; } = position;

    public string? Name { get; set; }

    public string? DatatypeName { get; set; }

    public Datatype? Datatype { get; set; }

    public long[]? Shape { get; set; }

    /// <summary>Whether a shape was sent, valid or not.</summary>
    public bool HasShape { get; set; }

    public bool HasData { get; set; }

    /// <summary>Where <c>data</c> starts, if it came before the members that are needed to read it.</summary>
    public int? DeferredStart { get; set; }

    /// <summary>Size of its part after the JSON; null when it has none.</summary>
    public int? BinaryBytes { get; set; }

    /// <summary>Whether a violation has already been reported for it.</summary>
    public bool IsBroken { get; set; }

    /// <summary>Resets everything except its position.</summary>
    public void Clear()
    {
        _tensor = null;
        _violation = null;
        Name = null;
        DatatypeName = null;
        Datatype = null;
        Shape = null;
        HasShape = false;
        HasData = false;
        DeferredStart = null;
        BinaryBytes = null;
        IsBroken = false;
    }

    public string Label => Name is null ? $"inputs[{Position}]" : $"input '{Name}'";

    /// <summary>Whether its elements can be read now.</summary>
    public bool IsDescribed(int characters) =>
        Name is not null && Datatype is not null && Shape is not null && JsonTensorReader.FitsInto(Tensor.CountOf(Shape), characters);

    public void Take(Span<byte> json, int start, RequestMemory memory, out int end) =>
        _tensor = JsonTensorReader.Read(json, start, Name!, Datatype!.Value, Shape!, memory, out end, out _violation);

    /// <returns>The tensor; null when there is none, in which case <paramref name="violations"/> has the reason.</returns>
    public Tensor? Finish(ReadOnlySpan<byte> binary, int characters, RequestMemory memory, ref ViolationList? violations)
    {
        int before = violations?.Count ?? 0;
        if (Name is null)
        {
            (violations ??= new ViolationList()).Add($"inputs[{Position}] has no name.");
        }

        if (Datatype is null)
        {
            (violations ??= new ViolationList()).Add(DatatypeName is null
                ? $"{Label} has no datatype."
                : $"{Label} has datatype '{DatatypeName}', which the protocol does not know.");
        }

        if (!HasShape)
        {
            (violations ??= new ViolationList()).Add($"{Label} has no shape.");
        }

        if (HasData == BinaryBytes is not null)
        {
            (violations ??= new ViolationList()).Add(HasData
                ? $"{Label} has 'data' and 'binary_data_size'; it must have one of them."
                : $"{Label} has neither 'data' nor 'binary_data_size'.");
        }
        else if (Shape is not null && Datatype is not null && !IsBroken)
        {
            if (HasData && !JsonTensorReader.FitsInto(Tensor.CountOf(Shape), characters))
            {
                _violation = $"shape [{string.Join(",", Shape)}] has {Tensor.CountOf(Shape)} elements, more than the body holds";
            }
            else if (!HasData && Name is not null)
            {
                _tensor = BinaryTensorReader.Read(binary, Name, Datatype.Value, Shape, memory, out _violation);
            }

            if (_violation is not null)
            {
                (violations ??= new ViolationList()).Add($"{Label}: {_violation}.");
            }
        }

        return (violations?.Count ?? 0) == before && !IsBroken && Shape is not null ? _tensor : null;
    }
}
