using System.Reflection;
using Azure.Storage.Blobs;
using Modeldrop.Standalone.Invocation;

namespace Modeldrop.Standalone.Blobs;

/// <summary>Blob triggers: the trigger's parameter is the blob's client; a text parameter is the path's token with the same name.</summary>
internal sealed class BlobTriggerKind : TriggerKind
{
    public override Type Attribute => typeof(BlobTriggerAttribute);

    public override string BindingType => "blobTrigger";

    public override ArgumentBinder? BindTrigger(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(BlobClient) ? context => ValueTask.FromResult<object?>(context.Trigger) : null;

    public override ArgumentBinder? BindOther(ParameterInfo parameter)
    {
        string name = parameter.Name!;
        return parameter.ParameterType == typeof(string) ? context => ValueTask.FromResult(context.BindingData[name]) : null;
    }
}
