using System.Text;
using System.Text.Json;
using Google.Protobuf;

namespace Modeldrop.Tests.Acceptance;

/// <summary>Whatever is dropped, the app continues to serve and writes the reasons beside the drop.</summary>
public sealed class HostileDropTests : AcceptanceTest
{
    private const int ZerosBytes = 200 * 1024 * 1024;

    [Fact]
    public async Task Drop_NotAModel_IsRejectedWithAReason()
    {
        AppProcess app = await StartAppAsync();
        await Client.DropSampleAsync("penguins", "penguins", "1", Encoding.UTF8.GetBytes("""{ "label": "species" }"""));
        await Client.WaitForChampionAsync("penguins", version: 1);

        byte[] good = await File.ReadAllBytesAsync(
            RepositoryFiles.Sample("penguins", "1", "model.onnx"), TestContext.Current.CancellationToken);
        (string Folder, byte[] Model, string Says)[] drops =
        [
            ("empty", [], "empty"),
            ("text", "this is not a model"u8.ToArray(), ""),
            ("truncated", good[..(good.Length / 2)], ""),
            ("zeros", new byte[ZerosBytes], ""),
            ("unknown-operator", Onnx(Node("NoSuchOperator", domain: "")), "NoSuchOperator"),
            ("custom-library", Onnx(Node("Secret", domain: "com.example.secret"), domain: "com.example.secret"), "com.example.secret"),
            ("escape", Onnx(Node("Identity", domain: ""), externalData: "../../etc/passwd"), "../../etc/passwd"),
            ("not a name!", good, "not a name!"),
        ];
        foreach ((string folder, byte[] model, _) in drops)
        {
            await Client.PutAsync($"{folder}/model.onnx", model);
        }

        foreach ((string folder, _, string says) in drops)
        {
            JsonElement rejection = JsonDocument.Parse(await Client.WaitForDropBlobAsync($"{folder}/rejected.json")).RootElement;
            string reasons = string.Join(" ", rejection.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()));
            Assert.NotEmpty(reasons);
            Assert.Contains(says, reasons, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", reasons, StringComparison.Ordinal);
        }

        Assert.False(app.HasExited, app.Output);
        JsonElement models = await Client.WaitAsync("api/models", _ => true);
        await Client.ScoreByAsync("penguins", "1", PenguinRequest);
        Assert.Contains("penguins", models.ToString(), StringComparison.Ordinal);

        JsonElement audit = await Client.WaitAsync("api/audit", _ => true);
        int rejected = audit.GetProperty("entries").EnumerateArray()
            .Count(entry => entry.GetProperty("event").GetProperty("kind").GetString() == "dropRejected");
        Assert.Equal(drops.Length, rejected);
    }

    internal const string PenguinRequest = """
        {"inputs":[
          {"name":"beak_length_mm","shape":[1,1],"datatype":"FP32","data":[39.1]},
          {"name":"beak_depth_mm","shape":[1,1],"datatype":"FP32","data":[18.7]},
          {"name":"flipper_length_mm","shape":[1,1],"datatype":"FP32","data":[181]},
          {"name":"body_mass_g","shape":[1,1],"datatype":"FP32","data":[3750]},
          {"name":"island","shape":[1,1],"datatype":"BYTES","data":["Torgersen"]},
          {"name":"sex","shape":[1,1],"datatype":"BYTES","data":["MALE"]}]}
        """;

    // ModelProto: 1 ir_version, 7 graph, 8 opset_import. GraphProto: 1 node, 2 name, 5 initializer, 11 input, 12 output.
    private static byte[] Onnx(byte[] node, string domain = "", string? externalData = null)
    {
        byte[] graph = Message(output =>
        {
            Field(output, 1, node);
            Field(output, 2, "g");
            if (externalData is not null)
            {
                Field(output, 5, ExternalTensor(externalData));
            }

            Field(output, 11, FloatVector("x"));
            Field(output, 12, FloatVector("y"));
        });
        return Message(output =>
        {
            Field(output, 1, 8L);
            Field(output, 7, graph);
            Field(output, 8, Opset("", 15));
            if (domain.Length > 0)
            {
                Field(output, 8, Opset(domain, 1));
            }
        });
    }

    private static byte[] Node(string type, string domain) => Message(output =>
    {
        Field(output, 1, "x");
        Field(output, 2, "y");
        Field(output, 4, type);
        Field(output, 7, domain);
    });

    private static byte[] Opset(string domain, long version) => Message(output =>
    {
        Field(output, 1, domain);
        Field(output, 2, version);
    });

    // TensorProto: 1 dims, 2 data_type, 8 name, 13 external_data (key, value), 14 data_location = EXTERNAL.
    private static byte[] ExternalTensor(string location) => Message(output =>
    {
        Field(output, 1, 1L);
        Field(output, 2, 1L);
        Field(output, 8, "w");
        Field(output, 13, Message(entry =>
        {
            Field(entry, 1, "location");
            Field(entry, 2, location);
        }));
        Field(output, 14, 1L);
    });

    // ValueInfoProto: 1 name, 2 type { 1 tensor_type { 1 elem_type = FLOAT, 2 shape { 1 dim { 1 dim_value } } } }.
    private static byte[] FloatVector(string name) => Message(output =>
    {
        Field(output, 1, name);
        Field(output, 2, Message(type => Field(type, 1, Message(tensor =>
        {
            Field(tensor, 1, 1L);
            Field(tensor, 2, Message(shape => Field(shape, 1, Message(dimension => Field(dimension, 1, 1L)))));
        }))));
    });

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true))
        {
            write(output);
        }

        return buffer.ToArray();
    }

    private static void Field(CodedOutputStream output, int number, long value)
    {
        output.WriteTag(number, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }

    private static void Field(CodedOutputStream output, int number, string value) => Field(output, number, Encoding.UTF8.GetBytes(value));

    private static void Field(CodedOutputStream output, int number, byte[] value)
    {
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(value));
    }
}
