namespace Gateway.Scripting;

/// <summary>
/// Finds the line on which a call failed. Optimized code blames the wrong one for whatever an inlined or shared piece of code throws, so the call is
/// made once more in the same version without optimizations, which is loaded when it is first needed.
/// Scripts are functions of their arguments: the second call fails like the first, or no line is told.
/// </summary>
/// <param name="load">Loads the version that is not optimized; null when that fails.</param>
internal sealed class ScriptTwin(Func<CompiledScript?> load)
{
    // So many calls at once, and one more every 50 ms: a script that fails on every frame does not take twice as long.
    private const int MostCalls = 100;
    private const int TicksForCall = 10;

    // Past this all are forgotten, and found out again.
    private const int MostSites = 100;

    private readonly Lock _gate = new();

    // All are used under the gate.
    private readonly Dictionary<FaultSite, ScriptFrame?> _known = [];
    private CompiledScript? _twin;
    private bool _isSettled;
    private int _calls = MostCalls;
    private int _counted = Volatile.Read(ref ScriptWatchdog.Ticks);

    /// <summary>Where a call failed; null when that can't be told.</summary>
    /// <param name="site">As the optimized code tells it.</param>
    /// <param name="again">Makes the call again: where it fails, or null.</param>
    public ScriptFrame? PlaceOf(FaultSite site, Func<CompiledScript, FaultSite?> again)
    {
        var twin = Twin(site, out var known);
        if (twin is null)
        {
            return known;
        }

        var place = again(twin) is { } exact && exact.What == site.What ? exact.Place : null;
        lock (_gate)
        {
            if (_known.Count >= MostSites)
            {
                _known.Clear();
            }

            _known[site] = place;
        }

        return place;
    }

    /// <summary>Asks for the memory back; from now on no twin is loaded.</summary>
    public void Unload()
    {
        lock (_gate)
        {
            _isSettled = true;
            _twin?.Unload();
        }
    }

    /// <summary>The contexts that it has taken.</summary>
    public IEnumerable<WeakReference> ContextReferences()
    {
        lock (_gate)
        {
            return _twin?.ContextReferences() ?? [];
        }
    }

    // Null when it is not to be asked; then what is known must do.
    private CompiledScript? Twin(FaultSite site, out ScriptFrame? known)
    {
        lock (_gate)
        {
            // What was stopped would take all its time again. What threw is asked for again when there is time:
            // in optimized code several places may have become one.
            var isKnown = _known.TryGetValue(site, out known);
            if ((isKnown && site.What is null) || !MayCall())
            {
                return null;
            }

            if (!_isSettled)
            {
                (_twin, _isSettled) = (load(), true);
            }

            return _twin;
        }
    }

    private bool MayCall()
    {
        var earned = (Volatile.Read(ref ScriptWatchdog.Ticks) - _counted) / TicksForCall;
        _counted += earned * TicksForCall;
        _calls = Math.Min(MostCalls, _calls + earned);
        if (_calls == 0)
        {
            return false;
        }

        _calls--;
        return true;
    }
}
