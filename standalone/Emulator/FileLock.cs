namespace Modeldrop.Standalone.Emulator;

/// <summary>A lock between processes: an open file. The operating system releases it when its holder dies.</summary>
internal static class FileLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <param name="onWait">Called once when another process holds the lock.</param>
    /// <exception cref="EmulatorException">Another process held the lock for all of <paramref name="patience"/>.</exception>
    public static async Task<FileStream> AcquireAsync(string path, TimeSpan patience, Action onWait, CancellationToken cancellationToken)
    {
        long started = TimeProvider.System.GetTimestamp();
        for (bool waited = false; ; waited = true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException exception) when (exception is not (DirectoryNotFoundException or PathTooLongException))
            {
                if (TimeProvider.System.GetElapsedTime(started) > patience)
                {
                    throw new EmulatorException(
                        $"Another process holds '{path}'. Stop it, or choose another folder with the setting 'Host:DataPath', "
                        + "or set 'AzureWebJobsStorage' to share the emulator that it started.",
                        exception);
                }
            }

            if (!waited)
            {
                onWait();
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }
}
