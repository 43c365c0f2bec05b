using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Runtime.CompilerServices;

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

    private static int _running;

    private string _script = "";
    private ScriptLimits _limits = ScriptLimits.Default;
    private int _depth;
    private nuint _floor;
    private long _allocationEnd;
    private int _started;
    private int _seenTick;
    private int _usedTicks;
    private int _mostTicks;
    private TimeSpan _compiledBefore;
    private string? _tripped;

    /// <summary>How many calls are under way.</summary>
    public static int Running => Volatile.Read(ref _running);

    /// <summary>This thread's budget when a script is being called on it, or null.</summary>
    public static ScriptBudget? Current => _ofThread is { _depth: > 0 } budget ? budget : null;

    /// <summary>What the call came to grief on, or null.</summary>
    public string? Tripped => _tripped;

    /// <summary>Starts a call on this thread. Whoever starts it must end it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static unsafe ScriptBudget Begin(string script, ScriptLimits limits)
    {
        var budget = _ofThread ??= new ScriptBudget();
        if (budget._depth++ == 0)
        {
            int here;
            Interlocked.Increment(ref _running);
            ScriptWatchdog.Watch();
            budget._script = script;
            budget._limits = limits;
            budget._floor = (nuint)(&here) - Stack;
            budget._started = Volatile.Read(ref ScriptWatchdog.Ticks);
            budget._seenTick = budget._started;
            budget._usedTicks = 0;
            budget._mostTicks = TicksOf(limits.Time);
            budget._compiledBefore = JitInfo.GetCompilationTime(currentThread: true);
            budget._tripped = null;
            budget._allocationEnd = GC.GetAllocatedBytesForCurrentThread() + limits.AllocatedBytes;
        }

        return budget;
    }

    /// <summary>Ends a call.</summary>
    public void End()
    {
        if (--_depth == 0)
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Throws when the call is as deep as it may be, or has used up its memory.</summary>
    public void CheckDepth(nuint address)
    {
        if (address < _floor)
        {
            Trip("its calls are nested too deep");
        }

        Check();
    }

    /// <summary>The same, for what must not be nested as deep.</summary>
    public void CheckShallowDepth(nuint address) => CheckDepth(address - (Stack - ShallowStack));

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
            _tripped = $"{MemoryMessage()} ({_script})";
        }

        return _tripped is null ? null : new ScriptFailure(ScriptFailureKind.LimitExceeded, _tripped);
    }

    /// <summary>The outcome, unless the call was stopped.</summary>
    public ScriptOutcome<T> Outcome<T>(ScriptOutcome<T> outcome) => Failure() ?? outcome;

    private static int TicksOf(TimeSpan time) => (int)(time / ScriptWatchdog.Period) + 1;

    // However many ticks went by since the last look, they count as one: the script had no processor in the meantime, or was in code that can't be
    // stopped. A busy machine would else stop scripts that are not at fault. What has waited that long in all is stopped all the same.
    private void CheckTime(int now)
    {
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

    private void Trip(string what)
    {
        // Set before the trace is looked at, which takes a while.
        _tripped = $"the script was stopped: {what}";
        var line = new StackTrace(fNeedFileInfo: true).GetFrames().FirstOrDefault(frame => frame.GetFileName() == _script)?.GetFileLineNumber();
        _tripped += line is null ? $" ({_script})" : string.Create(CultureInfo.InvariantCulture, $" ({_script}:{line})");
        throw new ScriptLimitException(_tripped);
    }
}
