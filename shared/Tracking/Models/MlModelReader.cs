using System.Text;
using Modeldrop.Registry;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Modeldrop.Tracking.Models;

/// <summary>The parts of an <c>MLmodel</c> that a registration needs.</summary>
/// <param name="Flavors">The flavors in the file.</param>
/// <param name="Data">The model file of the flavor <c>onnx</c>.</param>
/// <param name="RunId">The run that logged it.</param>
public sealed record MlModel(IReadOnlyList<string> Flavors, string? Data, string? RunId);

/// <summary>Reads <c>MLmodel</c>, a YAML file from an untrusted source.</summary>
/// <remarks>Reads the parser's events one by one and builds no document, so neither depth nor anchors cost anything.</remarks>
public static class MlModelReader
{
    public const int MaxBytes = 1 << 20;

    private const int MaxDepth = 64;
    private const string Flavor = "onnx";

    /// <param name="violation">Why it cannot become a version; null: it can.</param>
    public static MlModel? Read(ReadOnlySpan<byte> yaml, out string? violation)
    {
        try
        {
            MlModel model = Read(Encoding.UTF8.GetString(yaml));
            violation = !model.Flavors.Contains(Flavor)
                ? $"The model has no flavor 'onnx' (it has {NamesOf(model.Flavors)}), and no other flavor can be served here. Convert it "
                    + "to ONNX and log it with mlflow.onnx.log_model."
                : model.Data != ModelVersion.ModelFile
                ? $"'flavors.onnx.data' in MLmodel is '{model.Data}'; it must be '{ModelVersion.ModelFile}', as mlflow.onnx.log_model "
                    + "writes it."
                : null;
            return model;
        }
        catch (YamlException exception)
        {
            violation = $"MLmodel cannot be read as YAML at line {exception.Start.Line}: {exception.Message}";
            return null;
        }
    }

    private static MlModel Read(string yaml)
    {
        List<string> flavors = [];
        string? data = null;
        string? run = null;
        List<Level> levels = [];
        var parser = new Parser(new Scanner(new StringReader(yaml), skipComments: true));
        while (parser.MoveNext())
        {
            switch (parser.Current)
            {
                case MappingStart or SequenceStart when levels.Count == MaxDepth:
                    throw new YamlException(parser.Current.Start, parser.Current.End, $"it is deeper than {MaxDepth} levels.");
                case MappingStart:
                    AddFlavor();
                    levels.Add(new Level(IsMap: true));
                    break;
                case SequenceStart:
                    levels.Add(new Level(IsMap: false));
                    break;
                case MappingEnd or SequenceEnd:
                    levels.RemoveAt(levels.Count - 1);
                    EndValue();
                    break;
                case Scalar scalar when levels is [.., { IsMap: true, Key: null } map]:
                    map.Key = scalar.Value;
                    break;
                case Scalar scalar:
                    AddFlavor();
                    data = Path() == "flavors/onnx/data" ? scalar.Value : data;
                    run = Path() == "run_id" ? scalar.Value : run;
                    EndValue();
                    break;
                case AnchorAlias:
                    EndValue();
                    break;
            }
        }

        return new MlModel(flavors, data, run);

        string Path() => string.Join('/', levels.Select(level => level.Key ?? ""));

        void AddFlavor()
        {
            if (levels is [{ Key: "flavors" }, { Key: { } flavor }])
            {
                flavors.Add(flavor);
            }
        }

        void EndValue()
        {
            if (levels is [.., { IsMap: true } map])
            {
                map.Key = null;
            }
        }
    }

    private static string NamesOf(IReadOnlyList<string> flavors) =>
        flavors.Count == 0 ? "none" : string.Join(", ", flavors.Take(10).Select(flavor => $"'{flavor}'"));

    /// <summary>An open mapping or list.</summary>
    private sealed record Level(bool IsMap)
    {
        /// <summary>The key whose value comes next; null: a key comes next.</summary>
        public string? Key { get; set; }
    }
}
