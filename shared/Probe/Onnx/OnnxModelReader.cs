using Google.Protobuf;
using Modeldrop.Errors;
using static Google.Protobuf.WireFormat;

namespace Modeldrop.Probe.Onnx;

/// <summary>
/// Reads an ONNX file field by field before ONNX Runtime sees it, and rejects what must not be loaded: files that are not models, features
/// that this ONNX Runtime does not support, references outside the folder, declarations larger than the content.
/// </summary>
/// <remarks>Streams the file: keeps neither weights nor nodes. Field numbers are those of onnx.proto.</remarks>
internal sealed class OnnxModelReader
{
    /// <summary>Protobuf's maximum; larger models keep their weights in external data.</summary>
    private const long MaxModelBytes = int.MaxValue;

    /// <summary>More missing files than may accompany a model need not be listed.</summary>
    private const int MaxMissingFiles = 100;

    private readonly ProtobufMessages _messages;
    private readonly OnnxGraphReader _graphs;
    private readonly Dictionary<string, long> _opsets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _problems = new(StringComparer.Ordinal);
    private long _irVersion;
    private string _producer = "";
    private string _producerVersion = "";
    private bool _hasGraph;

    private OnnxModelReader(CodedInputStream input)
    {
        _messages = new ProtobufMessages(input);
        _graphs = new OnnxGraphReader(_messages, input, _problems);
    }

    /// <exception cref="OnnxRejectedException">Lists all violations in the file.</exception>
    public static OnnxFile Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        if (file.Length == 0)
        {
            throw new OnnxRejectedException("The model file is empty.");
        }

        if (file.Length > MaxModelBytes)
        {
            throw new OnnxRejectedException(
                $"The model file has {file.Length:N0} bytes; ONNX allows {MaxModelBytes:N0} (larger models keep their weights in "
                    + $"external data files).");
        }

        if (Sniff(file) is { } foreign)
        {
            throw new OnnxRejectedException(foreign);
        }

        file.Position = 0;
        CodedInputStream input = CodedInputStream.CreateWithLimits(file, int.MaxValue, 100);
        var reader = new OnnxModelReader(input);
        try
        {
            reader.ReadModel(file.Length);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new OnnxRejectedException(
                $"The file is truncated, damaged or not an ONNX model (at byte {Math.Min(input.Position, file.Length):N0} of "
                    + $"{file.Length:N0}): {exception.Message}");
        }

        return reader.Finish(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Recognises common files that are not models; null for a file that may be one.</summary>
    private static string? Sniff(FileStream file)
    {
        Span<byte> head = stackalloc byte[512];
        head = head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        if (head.IndexOfAnyExcept((byte)0) < 0)
        {
            return "The model file starts with zeros; it is not an ONNX model.";
        }

        if (head.StartsWith("version https://git-lfs"u8))
        {
            return "The model file is a Git LFS pointer, not the model itself.";
        }

        return head.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E) < 0
            || head.IndexOfAnyInRange((byte)0x00, (byte)0x08) < 0
            && IsUtf8(head)
            ? "The model file is text, not an ONNX model."
            : null;
    }

    private static bool IsUtf8(ReadOnlySpan<byte> head)
    {
        // The text may be cut off within a character.
        for (int cut = 0; cut < 4 && cut < head.Length; cut++)
        {
            if (System.Text.Unicode.Utf8.IsValid(head[..^cut]))
            {
                return true;
            }
        }

        return false;
    }

    private void ReadModel(long length) => _messages.Read(length, OnnxMessage.Model, (number, type) =>
    {
        switch (number)
        {
            case 1:
                _irVersion = _messages.Integer(type);
                return true;
            case 2:
                _producer = _messages.Text(type);
                return true;
            case 3:
                _producerVersion = _messages.Text(type);
                return true;
            case 7:
                _hasGraph = true;
                return _graphs.ReadMainGraph(type);
            case 8:
                return ReadOpset(type);
            case 14:
                (string key, string value) = ReadEntry(_messages, type);
                _metadata[key] = value;
                return true;
            case 20:
                return _messages.Message(
                    type, OnnxMessage.Training, (part, partType) => part is 1 or 2 && _graphs.ReadNestedGraph(partType, 1));
            case 25:
                return _graphs.ReadFunction(type, ReadOpset);
            default:
                return false;
        }
    });

    internal static (string Key, string Value) ReadEntry(ProtobufMessages messages, WireType type)
    {
        string key = "";
        string value = "";
        messages.Message(type, OnnxMessage.Entry, (number, fieldType) =>
        {
            switch (number)
            {
                case 1:
                    key = messages.Text(fieldType);
                    return true;
                case 2:
                    value = messages.Text(fieldType);
                    return true;
                default:
                    return false;
            }
        });
        return (key, value);
    }

    private bool ReadOpset(WireType type)
    {
        string domain = "";
        long version = 0;
        _messages.Message(type, OnnxMessage.Opset, (number, fieldType) =>
        {
            switch (number)
            {
                case 1:
                    domain = _messages.Text(fieldType);
                    return true;
                case 2:
                    version = _messages.Integer(fieldType);
                    return true;
                default:
                    return false;
            }
        });
        AddOpset(domain, version);
        return true;
    }

    private void AddOpset(string name, long version)
    {
        string domain = OnnxSupport.Domain(name);
        _opsets[domain] = Math.Max(version, _opsets.GetValueOrDefault(domain));
        if (OnnxSupport.MaxOpsets.TryGetValue(domain, out long newest) && version > newest)
        {
            _problems.Add($"The model needs operator set {version} of '{domain}'; this server's ONNX Runtime knows them up to {newest}.");
        }
    }

    private OnnxFile Finish(string folder)
    {
        if (!_hasGraph)
        {
            throw new OnnxRejectedException("The file contains no graph; it is not an ONNX model.");
        }

        if (_irVersion is < 1 or > OnnxSupport.MaxIrVersion)
        {
            _problems.Add(_irVersion == 0
                ? "The file does not say which version of the ONNX format it has."
                : $"The file has version {_irVersion} of the ONNX format; this server's ONNX Runtime knows 1 to "
                    + $"{OnnxSupport.MaxIrVersion}.");
        }

        _problems.UnionWith(
            _graphs.CustomOperators().Select(
                custom => $"Operator '{custom}' needs a custom operator library, which Modeldrop does not load."));
        ExternalProblem[] external = [.. ExternalData.Check(folder, _graphs.ExternalTensors)];
        _problems.UnionWith(external.Select(problem => problem.Sentence));
        if (_problems.Count > 0)
        {
            // Waiting for missing files is only useful if the model is valid otherwise.
            string[] missing = [.. external.Select(problem => problem.MissingFile).OfType<string>()];
            bool mayCome = missing.Length == _problems.Count;
            throw new OnnxRejectedException(
                ErrorText.Bounded([.. _problems]), mayCome ? [.. missing.Distinct(StringComparer.Ordinal).Take(MaxMissingFiles)] : []);
        }

        return new OnnxFile
        {
            IrVersion = _irVersion,
            Producer = $"{_producer} {_producerVersion}".Trim(),
            Metadata = _metadata,
            Opsets = _opsets,
            Operators = _graphs.Operators,
            Parameters = _graphs.Parameters,
            Classes = _graphs.Classes(),
            TextKeys = _graphs.TextKeys(),
            ExternalFiles = ExternalData.FilesOf(_graphs.ExternalTensors),
            UnknownRanks = _graphs.UnknownRanks,
        };
    }
}
