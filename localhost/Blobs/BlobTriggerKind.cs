using System.Reflection;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Configuration;

namespace Modeldrop.LocalHost.Blobs;

internal sealed class BlobTriggerKind(IConfiguration configuration) : TriggerKind
{
    public override Type Attribute => typeof(BlobTriggerAttribute);

    public override string BindingType => "blobTrigger";

    /// <returns>Null when <paramref name="error"/> says what is wrong.</returns>
    public static BlobPath? FindPath(BlobTriggerAttribute trigger, IConfiguration configuration, out string? error)
    {
        if (SettingReferences.Resolve(trigger.BlobPath, configuration, out string? missing) is { } path)
        {
            return BlobPath.Parse(path, out error);
        }

        error = $"the blob path '{trigger.BlobPath}' names the setting '{missing}', which is not there.";
        return null;
    }

    public override ArgumentBinder? BindTrigger(FunctionMethod function)
    {
        Type type = function.TriggerParameter.ParameterType;
        return type == typeof(BlobClient) ? context => ValueTask.FromResult<object?>(Run(context).Client)
            : type == typeof(Stream) ? async context => await Run(context).OpenAsync(context.CancellationToken)
            : type == typeof(string) ? async context => (await Run(context).DownloadAsync(context.CancellationToken)).ToString()
            : type == typeof(byte[]) ? async context => (await Run(context).DownloadAsync(context.CancellationToken)).ToArray()
            : null;
    }

    public override ArgumentBinder? BindUnattributed(FunctionMethod function, ParameterInfo parameter)
    {
        string name = parameter.Name!;
        bool isToken = parameter.ParameterType == typeof(string)
            && FindPath((BlobTriggerAttribute)function.Trigger, configuration, out _)?.HasToken(name) == true;
        return isToken ? context => ValueTask.FromResult(context.BindingData[name]) : null;
    }

    public override void Validate(FunctionMethod function)
    {
        var trigger = (BlobTriggerAttribute)function.Trigger;
        if (FindPath(trigger, configuration, out string? error) is null)
        {
            function.ReportError(error!);
        }

        if (trigger.Connection is { } connection && HostStorage.FindConnectionString(configuration, connection) is null)
        {
            function.ReportError($"the setting '{connection}' with the connection string is not there.");
        }
    }

    private static BlobRun Run(LocalFunctionContext context) => (BlobRun)context.Trigger;
}

/// <summary>The blob that a run is for, in the version that was listed.</summary>
internal sealed class BlobRun(BlobClient client, ETag version) : IAsyncDisposable
{
    private Stream? _stream;

    public BlobClient Client => client;

    private BlobRequestConditions ThisVersion => new() { IfMatch = version };

    /// <summary>The blob's content, read as it is needed; closed at the end of the run.</summary>
    public async Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            var options = new BlobOpenReadOptions(allowModifications: false) { Conditions = ThisVersion };
            return _stream = await client.OpenReadAsync(options, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            throw new BlobChangedException(exception);
        }
    }

    public async Task<BinaryData> DownloadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var options = new BlobDownloadOptions { Conditions = ThisVersion };
            Response<BlobDownloadResult> result = await client.DownloadContentAsync(options, cancellationToken);
            return result.Value.Content;
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            throw new BlobChangedException(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
        }
    }
}

/// <summary>The blob was changed or deleted before its run began: the next listing knows the truth.</summary>
internal sealed class BlobChangedException(Exception innerException)
    : Exception("The blob was changed or deleted before the function read it.", innerException);
