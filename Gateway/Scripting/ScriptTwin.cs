namespace Gateway.Scripting;

/// <summary>
/// Finds the line of a script's fault. In optimized code the runtime blames the wrong line for whatever an inlined or shared piece of code throws,
/// so the call that failed is made once more in the same version without optimizations, which is loaded at the first fault.
/// Scripts are functions of their arguments: the second call fails like the first, or its line is not used.
/// </summary>
/// <param name="load">Loads the version that is not optimized; null when that fails.</param>
internal sealed class ScriptTwin(Func<CompiledScript?> load)
{
    private readonly Lock _gate = new();

    // Written under the gate.
    private CompiledScript? _twin;
    private bool _isSettled;

    /// <summary>Where a fault was; null when that can't be told.</summary>
    /// <param name="fault">What the call threw.</param>
    /// <param name="again">Makes the call again in the twin: what it throws, or null.</param>
    public ScriptFrame? PlaceOf(Exception fault, Func<CompiledScript, Exception?> again)
    {
        // A type of the script's own is another one there, by the same name.
        var same = Twin() is { } twin && again(twin) is { } exact && FailureText.Cause(exact).GetType().FullName == FailureText.Cause(fault).GetType().FullName ? exact : fault;
        return FailureText.PlaceOf(same);
    }

    /// <summary>Asks for the memory back; from now on there is no twin any more.</summary>
    public void Unload()
    {
        lock (_gate)
        {
            _isSettled = true;
            _twin?.Unload();
        }
    }

    /// <summary>The contexts that it has taken.</summary>
    public IEnumerable<WeakReference> ContextReferences() => _twin?.ContextReferences() ?? [];

    private CompiledScript? Twin()
    {
        lock (_gate)
        {
            if (!_isSettled)
            {
                (_twin, _isSettled) = (load(), true);
            }

            return _twin;
        }
    }
}
