using System.Diagnostics;
using System.Globalization;

namespace Gateway.Tests.Support;

/// <summary>Nice values, by the system's own tools.</summary>
internal static class NiceValue
{
    /// <summary>What a process that was started as these tests were gets when it asks for so much more, by nice(1).</summary>
    public static int After(int wanted)
    {
        // Without a command it tells what it has.
        using var nice = Process.Start(new ProcessStartInfo("nice", ["-n", wanted.ToString(CultureInfo.InvariantCulture), "nice"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return int.Parse(nice.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
    }

    /// <summary>Gives the calling thread a nice value, by renice(1). A higher one is nobody's privilege.</summary>
    public static void OfThisThread(int value)
    {
        // PID/task/TID
        var thread = Path.GetFileName(new DirectoryInfo("/proc/thread-self").LinkTarget!);
        using var renice = Process.Start(new ProcessStartInfo("renice", ["-n", value.ToString(CultureInfo.InvariantCulture), "-p", thread]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        renice.WaitForExit();
        Assert.That(renice.ExitCode, Is.Zero, renice.StandardError.ReadToEnd());
    }
}
