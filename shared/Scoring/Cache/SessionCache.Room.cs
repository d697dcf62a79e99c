using Modeldrop.Errors;
using Modeldrop.Registry;
using Modeldrop.Scoring.Sessions;

namespace Modeldrop.Scoring.Cache;

/// <summary>Loads models when there is enough memory.</summary>
public sealed partial class SessionCache
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly SemaphoreSlim _largeLoad = new(1);

    /// <summary>
    /// Opens the model when there is room. Large models are loaded one at a time, since each needs the room freed by others.
    /// </summary>
    private async Task<ModelSession> LoadAsync(string path, ModelVersion version, long bytes)
    {
        if (version.Inspection.MemoryBytes > _options.ModelBytes)
        {
            throw new ServiceException(ErrorCode.ModelLoadFailed, ModelMemory.TooMuch(version.Inspection.MemoryBytes, _options.ModelBytes));
        }

        bool isLarge = bytes > _options.SessionBytes / 16;
        if (isLarge)
        {
            await WaitForOthersAsync();
        }

        try
        {
            await MakeRoomAsync(bytes);
            ModelSession session = ModelSession.Load(path, SessionSettings.Reproducible, version, bytes, Watch);
            session.WarmUp();
            return session;
        }
        finally
        {
            if (isLarge)
            {
                _largeLoad.Release();
            }
        }
    }

    /// <summary>Evicts sessions, and waits until they are closed: the last request of each closes it.</summary>
    private async Task MakeRoomAsync(long bytes)
    {
        Trim(LimitWith(bytes) - bytes, newest: null);
        for (int look = 0; Watch.OpenBytes + bytes > Math.Max(_options.ModelBytes, LimitWith(bytes)); look++)
        {
            if (look * Look > _options.MaxWaitTime)
            {
                throw Busy();
            }

            await Task.Delay(Look, _closing.Token);
            Trim(LimitWith(bytes) - bytes, newest: null);
        }
    }

    private async Task WaitForOthersAsync()
    {
        if (!await _largeLoad.WaitAsync(_options.MaxWaitTime, _closing.Token))
        {
            throw Busy();
        }
    }

    private static ServiceException Busy() =>
        new(ErrorCode.MemoryExhausted, "Other models are using the memory that this model needs; try again.");

    /// <summary>
    /// The limit for all sessions when one of them needs this much: small sessions stay open beside one that exceeds the limit alone.
    /// </summary>
    private long LimitWith(long bytes) => Math.Max(_options.SessionBytes, bytes + (_options.SessionBytes / 16));
}
