using System.Diagnostics;
using System.Globalization;

namespace Gateway.Tests.Support;

/// <summary>What nice value a process gets here, by nice(1).</summary>
internal static class NiceValue
{
    /// <summary>What one that was started as these tests were gets when it asks for so much.</summary>
    public static int After(int wanted)
    {
        // Without a command it tells what it has.
        using var nice = Process.Start(new ProcessStartInfo("nice", ["-n", wanted.ToString(CultureInfo.InvariantCulture), "nice"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return int.Parse(nice.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
    }
}
