using System.Globalization;

namespace Modeldrop.Probe.Onnx;

/// <summary>Finds the names of the classes, in the order of the probability columns.</summary>
/// <remarks>
/// Classifiers of ai.onnx.ml name the classes in an attribute. skl2onnx often numbers them there (0, 1, 2…) and looks the names up in a
/// list by an ArrayFeatureExtractor after the classifier: then the list applies. If the classifier consists of plain operators (a network
/// with an ArgMax), there is only the list. Nodes are in the order of the computation, so the last one wins.
/// </remarks>
internal sealed class OnnxClassLabels
{
    private const int MaxLabels = 10_000;

    private readonly List<string> _lists = [];
    private List<string>? _labels;

    /// <param name="firstInput">For an ArrayFeatureExtractor: its list.</param>
    public void Add(string operatorName, string? firstInput, List<string> labels)
    {
        if (labels.Count is > 0 and < MaxLabels)
        {
            _labels = labels;
            _lists.Clear();
        }
        else if (operatorName == "ai.onnx.ml:ArrayFeatureExtractor" && firstInput is not null && _lists.Count < 100)
        {
            _lists.Add(firstInput);
        }
    }

    public static void AddTo(List<string> labels, long label) => AddTo(labels, label.ToString(CultureInfo.InvariantCulture));

    public static void AddTo(List<string> labels, string label)
    {
        if (labels.Count < MaxLabels)
        {
            labels.Add(label);
        }
    }

    /// <param name="named">Short lists among the initializers, by name.</param>
    /// <returns>Null when the graph names no classes.</returns>
    public IReadOnlyList<string>? Find(IReadOnlyDictionary<string, IReadOnlyList<string>> named)
    {
        if (_labels is null)
        {
            return _lists.Select(named.GetValueOrDefault).LastOrDefault(names => names is not null);
        }

        foreach (string list in _lists)
        {
            if (named.TryGetValue(list, out IReadOnlyList<string>? names) && names.Count == _labels.Count
                && _labels.All(
                    label => int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < names.Count))
            {
                return [.. _labels.Select(label => names[int.Parse(label, CultureInfo.InvariantCulture)])];
            }
        }

        return _labels;
    }
}
