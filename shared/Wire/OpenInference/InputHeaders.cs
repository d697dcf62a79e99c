namespace Modeldrop.Wire.OpenInference;

/// <summary>The <c>inputs</c> of a request while it is read. A thread reuses these objects for its next request.</summary>
internal sealed class InputHeaders
{
    private const int MaxKept = 64;

    [ThreadStatic]
    private static InputHeaders? _spare;

    private readonly List<InputHeader> _all = [];

    public int Count { get; private set; }

    public InputHeader this[int index] => _all[index];

    /// <summary>Returns an empty list; <see cref="GiveBack"/> ends its use. A list that is not given back is garbage-collected.</summary>
    public static InputHeaders Take()
    {
        InputHeaders taken = _spare ?? new InputHeaders();
        _spare = null;
        return taken;
    }

    public InputHeader Add()
    {
        if (Count == _all.Count)
        {
            _all.Add(new InputHeader(Count));
        }

        return _all[Count++];
    }

    public void GiveBack()
    {
        if (_all.Count > MaxKept)
        {
            return;
        }

        for (int index = 0; index < Count; index++)
        {
            _all[index].Clear();
        }

        Count = 0;
        _spare = this;
    }
}
