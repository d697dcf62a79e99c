using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Modeldrop.Standalone.Emulator;

/// <summary>Azurite, installed by npm from the lock file that is embedded in this assembly.</summary>
internal static class EmulatorInstall
{
    public const string Wrapper = "emulator.cjs";

    private const string NoNode =
        "Node.js was not found, and the storage emulator (Azurite) runs on it. Install Node.js 20 or later, "
        + "or set 'AzureWebJobsStorage' to the connection string of a storage account or of a running emulator.";

    private static readonly string[] Embedded = ["package.json", "package-lock.json", Wrapper];

    /// <summary>Path of Azurite's entry script below the installation.</summary>
    public static string Script => Path.Combine("node_modules", "azurite", "dist", "src", "azurite.js");

    /// <summary>Installs missing or outdated files. Safe to call from several processes at once.</summary>
    /// <returns>The folder of the installation.</returns>
    /// <exception cref="EmulatorException">npm is missing or failed.</exception>
    public static async Task<string> EnsureAsync(StorageEmulatorOptions options, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(options.ToolsPath, "azurite");
        if (IsComplete(folder))
        {
            return folder;
        }

        Directory.CreateDirectory(options.ToolsPath);
        await using FileStream @lock = await FileLock.AcquireAsync(
            Path.Combine(options.ToolsPath, "azurite.lock"),
            TimeSpan.FromMinutes(10),
            () => options.Progress("Waiting for another process to install the storage emulator …"),
            cancellationToken);
        if (!IsComplete(folder))
        {
            await InstallAsync(folder, options.Progress, cancellationToken);
        }

        return folder;
    }

    /// <summary>Starts a program of Node.js.</summary>
    /// <exception cref="EmulatorException">It is not installed.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new EmulatorException(NoNode, exception);
        }
    }

    // The folder gets its name only when npm has finished, so an existing folder is complete.
    private static bool IsComplete(string folder) =>
        File.Exists(Path.Combine(folder, Script))
        && Embedded.All(name => File.Exists(Path.Combine(folder, name))
            && File.ReadAllBytes(Path.Combine(folder, name)).AsSpan().SequenceEqual(Read(name)));

    private static async Task InstallAsync(string folder, Action<string> progress, CancellationToken cancellationToken)
    {
        string parent = Path.GetDirectoryName(folder)!;
        foreach (string leftover in Directory.GetDirectories(parent, "azurite-*"))
        {
            Directory.Delete(leftover, recursive: true);
        }

        string unfinished = Path.Combine(parent, $"azurite-{Guid.NewGuid():N}");
        Directory.CreateDirectory(unfinished);
        foreach (string name in Embedded)
        {
            await File.WriteAllBytesAsync(Path.Combine(unfinished, name), Read(name), cancellationToken);
        }

        progress($"Installing the storage emulator (Azurite) into {folder}; this happens once and takes up to a minute …");
        long started = TimeProvider.System.GetTimestamp();
        await RunNpmAsync(unfinished, cancellationToken);

        if (Directory.Exists(folder))
        {
            Directory.Move(folder, Path.Combine(parent, $"azurite-{Guid.NewGuid():N}"));
        }

        Directory.Move(unfinished, folder);
        foreach (string old in Directory.GetDirectories(parent, "azurite-*"))
        {
            Directory.Delete(old, recursive: true);
        }

        double seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        progress(string.Create(CultureInfo.InvariantCulture, $"Installed the storage emulator in {seconds:0} s."));
    }

    private static async Task RunNpmAsync(string folder, CancellationToken cancellationToken)
    {
        // No package of the lock file has an install script, and none may get one unnoticed.
        string[] arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
        bool windows = OperatingSystem.IsWindows();
        var start = new ProcessStartInfo(windows ? "cmd.exe" : "npm", windows ? ["/c", "npm", .. arguments] : arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        using Process npm = Start(start);
        npm.StandardInput.Close();
        Task<string> output = npm.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> errors = npm.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await npm.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            npm.Kill(entireProcessTree: true);
            throw;
        }

        await output;
        if (npm.ExitCode != 0)
        {
            throw new EmulatorException(
                $"npm could not install the storage emulator (exit code {npm.ExitCode}). The next start tries again. npm "
                    + $"says:{Environment.NewLine}{(await errors).Trim()}");
        }
    }

    private static byte[] Read(string name)
    {
        using Stream resource = typeof(EmulatorInstall).Assembly.GetManifestResourceStream($"Emulator/{name}")!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
