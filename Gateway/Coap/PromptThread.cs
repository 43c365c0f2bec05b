using System.Runtime.InteropServices;

namespace Gateway.Coap;

/// <summary>A thread that devices wait for: it gets a processor sooner than the gateway's other threads.</summary>
//
// An answer is some tenths of a millisecond of work with waits for the disk in between, and behind each of these its thread needs a
// processor again. One that has run a little more than its share of late waits, on a busy machine, until others have had theirs. So
// such a thread has a greater share, where the system allows it, and short turns (since Linux 6.12), which let it in between longer ones.
// Linux only, by sched_setattr(2): .NET's own priorities of threads have no effect there.
internal static unsafe partial class PromptThread
{
    /// <summary>The nice value that is asked for: three times the share of a thread with 0.</summary>
    public const int Nice = -5;

    /// <summary>The same as a limit, RLIMIT_NICE of setrlimit(2).</summary>
    public const int Limit = 20 - Nice;

    // Longer than what is done between two waits.
    private const ulong TurnNanoseconds = 300_000;

    // SCHED_OTHER and nice 0: what every thread has unless somebody has chosen otherwise, and what is chosen stays.
    private const uint UsualPolicy = 0;
    private const int UsualNice = 0;

    // SCHED_FLAG_RESET_ON_FORK: whoever queues work for the pool may be who starts its next thread, and that one is like the others.
    private const ulong NotForItsThreads = 1;

    private const nint ThisThread = 0;

    /// <summary>Makes the calling thread prompt, as far as the system allows it.</summary>
    public static void Begin()
    {
        if (Read() is not { Policy: UsualPolicy } attributes)
        {
            return;
        }

        attributes.Flags |= NotForItsThreads;
        attributes.Runtime = TurnNanoseconds;

        // The share is a privilege (CAP_SYS_NICE, or a limit on nice values that allows it), the turns are not.
        if (attributes.Nice != UsualNice || !Write(attributes with { Nice = Nice }))
        {
            Write(attributes);
        }
    }

    /// <summary>What the system has noted of the calling thread; null where it is not asked, or does not say.</summary>
    public static SchedulingAttributes? Read()
    {
        try
        {
            SchedulingAttributes attributes = default;
            return Calls is var (get, _) && GetAttributes(get, ThisThread, &attributes, SchedulingAttributes.Bytes, 0) == 0 ? attributes : null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static bool Write(SchedulingAttributes attributes)
    {
        attributes.Size = SchedulingAttributes.Bytes;
        return Calls is var (_, set) && SetAttributes(set, ThisThread, &attributes, 0) == 0;
    }

    // The C libraries have no functions for these calls, which have numbers by the processor.
    private static (nint Get, nint Set)? Calls => !OperatingSystem.IsLinux() ? null : RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (315, 314),
        Architecture.Arm64 or Architecture.RiscV64 => (275, 274),
        _ => null,
    };

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint GetAttributes(nint number, nint thread, SchedulingAttributes* attributes, nint size, nint flags);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SetAttributes(nint number, nint thread, SchedulingAttributes* attributes, nint flags);
}

/// <summary>How the system shares its processors out to a thread: <c>struct sched_attr</c> of sched_setattr(2), in its first form.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct SchedulingAttributes
{
    public const int Bytes = 48;

    public uint Size;
    public uint Policy;
    public ulong Flags;

    /// <summary>-20 to 19; the lower, the greater the thread's share.</summary>
    public int Nice;

    public uint Priority;

    /// <summary>The length of a turn in nanoseconds, since Linux 6.12.</summary>
    public ulong Runtime;

    public ulong Deadline;
    public ulong Period;
}
