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
    private static readonly Lock Gate = new();

    // One for each thread that has ever called a script; they go with their threads.
    private static readonly List<WeakReference<ScriptBudget>> Budgets = [];

    private static volatile bool _asleep;

    static ScriptWatchdog() => new Thread(Count) { IsBackground = true, Name = "Script watchdog", Priority = ThreadPriority.AboveNormal }.Start();

    /// <summary>A thread has got its budget.</summary>
    public static void Register(ScriptBudget budget)
    {
        lock (Gate)
        {
            Budgets.Add(new WeakReference<ScriptBudget>(budget));
        }
    }

    /// <summary>A script is about to be called, which its budget shows already.</summary>
    public static void Watch()
    {
        if (_asleep)
        {
            Wake.Set();
        }
    }

    private static void Count()
    {
        var (seen, idle) = (0L, 0);
        while (true)
        {
            Wake.WaitOne(idle < Patience ? Period : Timeout.InfiniteTimeSpan);
            _asleep = false;
            Volatile.Write(ref Ticks, Ticks + 1);
            var (calls, running) = Alarm();
            idle = calls == seen && !running ? idle + 1 : 0;
            seen = calls;
            if (idle < Patience)
            {
                continue;
            }

            // Calls don't pay for a fence: either they see that this thread sleeps, or after the fence that all of them pass this thread sees them.
            _asleep = true;
            Interlocked.MemoryBarrierProcessWide();
            (calls, running) = Alarm();
            idle = calls == seen && !running ? idle : 0;
        }
    }

    private static (long Calls, bool Running) Alarm()
    {
        var (calls, running) = (0L, false);
        lock (Gate)
        {
            Budgets.RemoveAll(budget => !budget.TryGetTarget(out _));
            foreach (var reference in Budgets)
            {
                if (reference.TryGetTarget(out var budget))
                {
                    calls += budget.Calls;
                    if (budget.IsRunning)
                    {
                        running = true;
                        budget.Alarm();
                    }
                }
            }
        }

        return (calls, running);
    }
}
