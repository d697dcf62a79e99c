namespace Modeldrop.Tensors;

/// <summary>One <see cref="GrowingTensor"/> per name.</summary>
public sealed class GrowingTensors
{
    private readonly Dictionary<string, GrowingTensor> _byName = [];

    public IReadOnlyCollection<GrowingTensor> All => _byName.Values;

    /// <param name="tensor"><c>[rows, …]</c>.</param>
    public void Add(Tensor tensor)
    {
        if (!_byName.TryGetValue(tensor.Name, out GrowingTensor? rows))
        {
            _byName[tensor.Name] = rows = new GrowingTensor(tensor.Name, tensor.Datatype);
        }

        rows.Add(tensor);
    }

    /// <summary>In the order in which the names first appeared. Shares the memory: nothing may be added afterwards.</summary>
    public Tensor[] ToTensors() => [.. _byName.Values.Select(rows => rows.ToTensor())];
}
