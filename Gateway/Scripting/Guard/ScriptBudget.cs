using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Runtime.CompilerServices;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>
/// What a call of a script may still take. Each thread has one, which its calls use in turn;
/// a call within a call lives on what the outer one has. Made for the code that <see cref="GuardWeaver"/> puts into scripts.
/// </summary>
internal sealed class ScriptBudget
{
    // A quarter of a megabyte: some thousand calls deep, and little of the smallest stack that a thread usually has.
    private const int Stack = 256 << 10;

    // For what takes 25 KB of stack for each level while it is being stopped, of which there may be about twenty.
    private const int ShallowStack = 8 << 10;

    // For what is not the script's fault, but must not go on without end either: that the runtime compiles its methods when they are first called,
    // and that it waits for a processor.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    [ThreadStatic]
    private static ScriptBudget? _ofThread;

    private ScriptLimits _limits = ScriptLimits.Default;
    private int _depth;
    private int _calls;
    private nuint _floor;
    private long _allocationEnd;
    private int _started;
    private int _seenTick;
    private int _usedTicks;
    private int _mostTicks;
    private TimeSpan _compiledBefore;
    private string? _tripped;

    // Below this address a method's entry looks closer. Usually the floor; at each tick the watchdog raises it, so that one comparison sees both.
    // Written by both threads: a lost write costs one look more, or one tick.
    private nuint _alarm;

    private ScriptBudget() => ScriptWatchdog.Register(this);

    /// <summary>This thread's budget when a script is being called on it, or null.</summary>
    public static ScriptBudget? Current => _ofThread is { _depth: > 0 } budget ? budget : null;

    /// <summary>What the call came to grief on, or null.</summary>
    public string? Tripped => _tripped;

    /// <summary>On which line; null when the script hid it, or is at its end.</summary>
    public ScriptFrame? Place { get; private set; }

    /// <summary>Whether a call is under way. The watchdog asks.</summary>
    public bool IsRunning => Volatile.Read(ref _depth) > 0;

    /// <summary>How many calls there were. The watchdog asks.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Starts a call on this thread. Whoever starts it must end it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static unsafe ScriptBudget Begin(ScriptLimits limits)
    {
        var budget = _ofThread ??= new ScriptBudget();
        if (budget._depth == 0)
        {
            int here;
            budget._limits = limits;
            budget._floor = (nuint)(&here) - Stack;
            budget._usedTicks = 0;
            budget._mostTicks = TicksOf(limits.Time);
            budget._tripped = null;
            budget.Place = null;
            Warnings.Begin();
            budget._allocationEnd = GC.GetAllocatedBytesForCurrentThread() + limits.AllocatedBytes;
            budget._calls++;
            Volatile.Write(ref budget._depth, 1);
            ScriptWatchdog.Watch();
            budget._started = Volatile.Read(ref ScriptWatchdog.Ticks);
            budget._seenTick = budget._started;
            budget._alarm = budget._floor;
            return budget;
        }

        budget._depth++;
        return budget;
    }

    /// <summary>Ends a call.</summary>
    public void End()
    {
        if (--_depth == 0)
        {
            _alarm = 0;
            Warnings.End();
        }
    }

    /// <summary>Lets the call's next check look at what it has used. Called by the watchdog's thread.</summary>
    public void Alarm() => Volatile.Write(ref _alarm, nuint.MaxValue);

    /// <summary>At the entry of a method whose frame is at the address: throws when the call is too deep, or has used up its time or its memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enter(nuint address)
    {
        if (_ofThread is { } budget && address < budget._alarm)
        {
            budget.LookCloser(address);
        }
    }

    /// <summary>The same, for what must not be nested as deep.</summary>
    public static void EnterShallow(nuint address) => Enter(address - (Stack - ShallowStack));

    /// <summary>Throws when the call has used up its time or its memory.</summary>
    public void Check()
    {
        if (_tripped is not null)
        {
            throw new ScriptLimitException(_tripped);
        }

        if (GC.GetAllocatedBytesForCurrentThread() > _allocationEnd)
        {
            TripOnMemory();
        }

        if (ScriptWatchdog.Ticks != _seenTick)
        {
            CheckTime(ScriptWatchdog.Ticks);
        }
    }

    /// <summary>Throws when so much can't be allocated any more.</summary>
    public void CheckAllocation(long bytes)
    {
        if (bytes > _allocationEnd - GC.GetAllocatedBytesForCurrentThread())
        {
            TripOnMemory();
        }
    }

    /// <summary>Throws when a sequence is longer than any that is good for something.</summary>
    public void CheckCount(int count, int most)
    {
        if (count > most)
        {
            Trip(string.Create(CultureInfo.InvariantCulture, $"it asked for a sequence of {count}, of the {most} that it may have"));
        }
    }

    /// <summary>Throws when there are too many exceptions within each other.</summary>
    public void CheckInner(int depth, int most)
    {
        if (depth > most)
        {
            Trip(string.Create(CultureInfo.InvariantCulture, $"it put more than {most} exceptions within each other"));
        }
    }

    /// <summary>What to make of the call's end: it may have hidden that it was stopped, or have used up its memory where nobody looked.</summary>
    public ScriptFailure? Failure()
    {
        if (_tripped is null && GC.GetAllocatedBytesForCurrentThread() > _allocationEnd)
        {
            _tripped = Stopped(MemoryMessage());
        }

        return _tripped is null ? null : new ScriptFailure(ScriptFailureKind.LimitExceeded, _tripped);
    }

    /// <summary>The outcome, unless the call was stopped, with what it has warned of.</summary>
    public ScriptOutcome<T> Outcome<T>(ScriptOutcome<T> outcome) => (Failure() ?? outcome) with { Warnings = Warnings.SoFar() };

    private static int TicksOf(TimeSpan time) => (int)(time / ScriptWatchdog.Period) + 1;

    private void LookCloser(nuint address)
    {
        if (_depth == 0)
        {
            // The watchdog was late: the call it meant is over.
            _alarm = 0;
            return;
        }

        _alarm = _floor;
        Check();
        if (address < _floor)
        {
            Trip("its calls are nested too deep");
        }
    }

    // However many ticks went by since the last look, they count as one: the script had no processor in the meantime, or was in code that can't be
    // stopped. A busy machine would else stop scripts that are not at fault. What has waited that long in all is stopped all the same.
    private void CheckTime(int now)
    {
        if (_usedTicks == 0)
        {
            // What was compiled before the first look is in no tick that counts.
            _compiledBefore = JitInfo.GetCompilationTime(currentThread: true);
        }

        _seenTick = now;
        _usedTicks++;
        if (_usedTicks > _mostTicks || now - _started > TicksOf((4 * _limits.Time) + LongestWait))
        {
            var compiled = JitInfo.GetCompilationTime(currentThread: true) - _compiledBefore;
            _mostTicks = TicksOf(_limits.Time + (compiled < LongestWait ? compiled : LongestWait));
            if (_usedTicks > _mostTicks || now - _started > TicksOf((4 * _limits.Time) + LongestWait))
            {
                Trip(string.Create(CultureInfo.InvariantCulture, $"it exceeded its time limit of {_limits.Time.TotalMilliseconds} ms"));
            }
        }
    }

    private void TripOnMemory() => Trip(MemoryMessage());

    private string MemoryMessage() => string.Create(CultureInfo.InvariantCulture, $"it exceeded its allocation limit of {_limits.AllocatedBytes >> 20} MB");

    private static string Stopped(string what) => $"the script was stopped: {what}";

    private void Trip(string what)
    {
        // Set before the trace is looked at, which takes a while. From now on every check throws.
        _alarm = nuint.MaxValue;
        _tripped = Stopped(what);
        Place = ScriptFrame.In(new StackTrace(fNeedFileInfo: true));
        throw new ScriptLimitException(_tripped);
    }
}
