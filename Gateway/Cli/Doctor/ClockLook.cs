using System.Globalization;
using System.Runtime.InteropServices;

namespace Gateway.Cli;

/// <summary>Whether the clock is set: readings without a time of their own get the gateway's, and devices ask it for the time.</summary>
internal static partial class ClockLook
{
    // adjtimex(2): what the kernel says when nobody keeps its clock in time.
    private const int Unsynchronized = 5;

    // struct timex is 208 bytes on 64-bit Linux; all zeros only asks.
    private const int TimexBytes = 256;

    // Older than the program: whoever started the machine has no clock that goes on without power.
    private static readonly DateTimeOffset Earliest = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static IEnumerable<Finding> Run(DateTimeOffset now)
    {
        const string subject = "clock";
        if (now < Earliest)
        {
            yield return Finding.Bad(subject, string.Create(CultureInfo.InvariantCulture, $"it is {now:yyyy-MM-dd HH:mm:ss}Z, which can't be"), "set it, and keep it set (chrony, systemd-timesyncd)");
        }
        else if (OperatingSystem.IsLinux() && AdjustTime(new byte[TimexBytes]) == Unsynchronized)
        {
            yield return Finding.Odd(subject, "nobody keeps it in time, as far as the kernel knows", "run chrony or systemd-timesyncd; in a container the host's counts");
        }
        else
        {
            yield return Finding.Good(subject, string.Create(CultureInfo.InvariantCulture, $"{now:yyyy-MM-dd HH:mm:ss}Z"));
        }
    }

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static partial int AdjustTime(byte[] timex);
}
