using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Gateway.Bench;

/// <summary>
/// When a datagram came, as the kernel noted it: whoever reads it later, because the load needs the processors as well, would take its own
/// delay for the server's. Elsewhere than on Linux it is when it was read.
/// </summary>
internal static partial class ArrivalTime
{
    // SIOCGSTAMPNS of socket(7): of the datagram that was read last.
    private const nuint GetArrival = 0x8907;

    /// <summary>From now on the socket's datagrams have a time.</summary>
    public static void Keep(Socket socket)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = ReadArrival((int)socket.Handle, GetArrival, out _);
        }
    }

    /// <summary>When the datagram that was read last came, by the clock of <see cref="TimeProvider.System"/>.</summary>
    public static DateTimeOffset Last(Socket socket) => !OperatingSystem.IsLinux() ? TimeProvider.System.GetUtcNow()
        : ReadArrival((int)socket.Handle, GetArrival, out var time) == 0
            ? DateTimeOffset.UnixEpoch.AddSeconds(time.Seconds).AddTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick)
            : throw new InvalidOperationException("the kernel has no time of the datagram's arrival");

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int ReadArrival(int socket, nuint request, out KernelTime time);

    [StructLayout(LayoutKind.Sequential)]
    private struct KernelTime
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
