namespace Gateway.Scripting;

/// <summary>
/// The scripts' clock: one thread that counts ticks, so that a loop sees in a field whether time has passed, and reads no clock.
/// While the whole machine stands still (a garbage collection, a suspended virtual machine), so does the count, and no script is blamed for it.
/// </summary>
internal static class ScriptWatchdog
{
    /// <summary>A tick's length.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(5);

    /// <summary>Ticks so far. Counted by the watchdog's thread alone, and read by every loop of every script.</summary>
    public static int Ticks;

    // After so many ticks without a call the thread sleeps until the next.
    private const int Patience = 200;

    private static readonly AutoResetEvent Wake = new(false);
    private static volatile bool _asleep;
    private static int _calls;

    static ScriptWatchdog() => new Thread(Count) { IsBackground = true, Name = "Script watchdog", Priority = ThreadPriority.AboveNormal }.Start();

    /// <summary>A script is about to be called.</summary>
    public static void Watch()
    {
        // The full fence: either the thread sees this call before it falls asleep, or this call sees it sleep.
        Interlocked.Increment(ref _calls);
        if (_asleep)
        {
            Wake.Set();
        }
    }

    private static void Count()
    {
        var (seen, idle) = (0, 0);
        while (true)
        {
            Wake.WaitOne(idle < Patience ? Period : Timeout.InfiniteTimeSpan);
            Volatile.Write(ref Ticks, Ticks + 1);
            var calls = Volatile.Read(ref _calls);
            idle = calls == seen && ScriptBudget.Running == 0 ? idle + 1 : 0;
            seen = calls;
            _asleep = idle >= Patience;
            Interlocked.MemoryBarrier();
            if (_asleep && Volatile.Read(ref _calls) != seen)
            {
                (_asleep, idle) = (false, 0);
            }
        }
    }
}
