using System.Runtime.InteropServices;

namespace Gateway.Coap;

/// <summary>The calls of Linux that .NET's sockets don't offer, as its man pages describe them.</summary>
//
// What the kernel reads is drawn for processors of 64 bits that put the lowest byte first: x64, arm64, riscv64. musl declares some
// of these lengths as 32 bits with a padding after them, which then is the same memory.
internal static unsafe partial class LinuxSocket
{
    // recvmmsg(2): wait for the first datagram, then take only what is there already.
    public const int WaitForOne = 0x10000;

    // recvmsg(2): in the flags that come back, the datagram was larger than its buffer; the control messages were.
    public const int Truncated = 0x20;
    public const int ControlTruncated = 0x08;

    private const int ShutdownReceive = 0;

    /// <summary>Whether the calls are there; if not, why.</summary>
    /// <remarks>A container's seccomp profile may refuse them, and a kernel or an emulation of one may lack them.</remarks>
    public static bool IsUsable(SafeHandle socket, out string reason)
    {
        reason = "";
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess || !BitConverter.IsLittleEndian)
        {
            reason = "it is for Linux on 64-bit processors";
            return false;
        }

        try
        {
            // No message at all: nothing is received or sent, and the answer is 0.
            BatchEntry none = default;
            if (ReceiveMany(socket, &none, 0, 0, null) == 0 && SendMany(socket, &none, 0, 0) == 0)
            {
                return true;
            }

            reason = $"the system refuses recvmmsg or sendmmsg: {LastError}";
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            reason = exception.Message;
        }

        return false;
    }

    /// <summary>Why the last call of this thread returned -1.</summary>
    public static LinuxError LastError => (LinuxError)Marshal.GetLastPInvokeError();

    /// <summary>Makes a receive that waits return at once. On a socket without a peer the call reports ENOTCONN, and works nevertheless.</summary>
    public static void StopReceiving(SafeHandle socket) => _ = Shutdown(socket, ShutdownReceive);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(SafeHandle socket, BatchEntry* entries, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(SafeHandle socket, BatchEntry* entries, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendOne(SafeHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    private static partial int Shutdown(SafeHandle socket, int how);
}
