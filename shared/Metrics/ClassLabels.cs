using System.Globalization;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Metrics;

/// <summary>How a model interprets a label.</summary>
public enum LabelState
{
    /// <summary>The row has no label.</summary>
    Missing,

    /// <summary>The text cannot be a label of this model, such as a word where classes are whole numbers.</summary>
    Unreadable,

    /// <summary>The text could be a label, but the model has no such class.</summary>
    NoClass,

    /// <summary>A class of the model, or any label if the model's classes are unknown.</summary>
    Class,
}

/// <summary>A label as a model interprets it.</summary>
/// <param name="Key">Equal for labels of the same class; null for a missing or unreadable label.</param>
/// <param name="Index">Index of the class; null when the label is not a class, or the classes are unknown.</param>
public readonly record struct ReadLabel(LabelState State, string? Key, int? Index);

/// <summary>
/// The classes of a version, and the mapping from labels to them. They depend on the model and its manifest, never on the labels.
/// </summary>
/// <remarks>
/// Labels compare by the type of the model's answer: whole numbers and booleans by value (<c>1</c>, <c>1.0</c> and <c>true</c> are one
/// class), texts by every character (<c>01</c> and <c>1</c> are two). The classes are those of the manifest; otherwise those that the graph
/// names; otherwise, for k probabilities, 0 … k−1. The classes are unknown if a model answers with texts without naming its classes, or
/// with whole numbers without probabilities.
/// </remarks>
public sealed class ClassLabels
{
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly bool _isText;
    private readonly bool _answersIndexes;

    private ClassLabels(IReadOnlyList<string>? names, Datatype? answer, string rule)
    {
        Names = names;
        Rule = rule;
        _isText = answer == Datatype.Bytes || (answer != Datatype.Bool && names is not null && !names.All(IsWholeNumber));
        _answersIndexes = _isText && answer is not null and not Datatype.Bytes;
        for (int index = 0; index < names?.Count; index++)
        {
            _indexes.TryAdd(KeyOf(names[index])!, index);
        }
    }

    /// <summary>In the order of the probabilities; null: unknown.</summary>
    public IReadOnlyList<string>? Names { get; }

    /// <summary>The source of the classes, for the report.</summary>
    public string Rule { get; }

    /// <summary>What a readable label must be.</summary>
    public string Requirement => _isText ? "text" : "a whole number";

    /// <param name="stated">The manifest's classes.</param>
    /// <param name="named">The graph's classes.</param>
    /// <param name="answer">Datatype of the output that names the class; null: there is none.</param>
    /// <param name="width">Probabilities per row; 0: none.</param>
    public static ClassLabels Of(IReadOnlyList<string>? stated, IReadOnlyList<string>? named, Datatype? answer, int width)
    {
        bool Fits(IReadOnlyList<string>? names) => names is not null && (width == 0 || names.Count == width);
        return Fits(stated) ? new ClassLabels(stated, answer, "The classes and their order are from the manifest.")
            : stated is not null ? new ClassLabels(null, answer, $"The manifest names {stated.Count} classes for {width} probabilities.")
            : Fits(named) ? new ClassLabels(named, answer, "The classes and their order are from the graph.")
            : answer == Datatype.Bool && width is 0 or 2 ? new ClassLabels(["false", "true"], answer, "The classes are false and true.")
            : answer == Datatype.Bytes || width == 0
                ? new ClassLabels(null, answer, "The graph does not name its classes; name them in the manifest's 'prediction.classes'.")
            : new ClassLabels([.. Enumerable.Range(0, width).Select(index => index.ToString(CultureInfo.InvariantCulture))], answer,
                $"The graph does not name its classes, so they are 0 … {width - 1}. The manifest's 'prediction.classes' can name others.");
    }

    public ReadLabel Read(string? label)
    {
        // A class with exactly this name takes precedence over the name's usual meaning: a model may answer "NA".
        if (label is not null && Find(label) is { } index)
        {
            return new ReadLabel(LabelState.Class, KeyOf(Names![index]), index);
        }

        return LabelText.IsMissing(label) ? new ReadLabel(LabelState.Missing, null, null)
            : KeyOf(label!) is not { } key ? new ReadLabel(LabelState.Unreadable, null, null)
            : new ReadLabel(Names is null ? LabelState.Class : LabelState.NoClass, key, null);
    }

    /// <summary>The index of the class; null if the model does not have it.</summary>
    public int? Find(string label) =>
        (KeyOf(label) is { } key && _indexes.TryGetValue(key, out int index)) || (_isText && _indexes.TryGetValue(label.Trim(), out index))
            ? index : null;

    /// <summary>
    /// The class that the model names for a row. If the classes are texts and the answer is a whole number, the number is an index.
    /// </summary>
    internal string NameOfAnswer(Tensor output, int row)
    {
        string text = TensorValues.Text(output, row);
        return _answersIndexes && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && index < Names!.Count ? Names[index] : text;
    }

    /// <summary>The key of that class; equals the key of a label of that class.</summary>
    internal string KeyOfAnswer(Tensor output, int row)
    {
        string name = NameOfAnswer(output, row);
        return KeyOf(name) ?? name;
    }

    private string? KeyOf(string label) => _isText ? label : LabelText.Integer(label);

    private static bool IsWholeNumber(string name) =>
        LabelText.Integer(name) is { } digits && (digits == name || name.Equals("true", StringComparison.OrdinalIgnoreCase)
            || name.Equals("false", StringComparison.OrdinalIgnoreCase));
}
