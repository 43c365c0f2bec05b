using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gateway.Bench;

/// <summary>What a figure depends on beside the code.</summary>
internal static class Machine
{
    /// <summary>The load average of the last minute, where the system tells it.</summary>
    public static string Load => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    /// <summary>Machine, commit and day, for a table.</summary>
    public static string Line => string.Create(
        CultureInfo.InvariantCulture,
        $"{TimeProvider.System.GetUtcNow():d MMMM yyyy}, commit {Commit()}, .NET {Environment.Version}, {RuntimeInformation.OSDescription}, {Processor()}, {Environment.ProcessorCount} processors, loopback, load average {Load}");

    /// <summary>A line to go before the figures.</summary>
    public static void Describe(string what) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what}; {Environment.ProcessorCount} processors, load average {Load}, .NET {Environment.Version}"));

    private static string Processor() => !File.Exists("/proc/cpuinfo") ? "unknown processor"
        : File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";

    private static string Commit()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", Repository.PathOf(), "describe", "--always", "--dirty"]) { RedirectStandardOutput = true });
        return git?.StandardOutput.ReadToEnd().Trim() ?? "unknown";
    }
}
