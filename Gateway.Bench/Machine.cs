namespace Gateway.Bench;

/// <summary>What a figure depends on beside the code.</summary>
internal static class Machine
{
    /// <summary>The load average of the last minute, where the system tells it.</summary>
    public static string Load => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    /// <summary>A line to go before the figures.</summary>
    public static void Describe(string what) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what}; {Environment.ProcessorCount} processors, load average {Load}, .NET {Environment.Version}"));
}
