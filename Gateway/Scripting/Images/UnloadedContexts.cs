namespace Gateway.Scripting;

/// <summary>Lets go of replaced scripts, and counts those that are still in memory: a number that grows with every edit is a leak.</summary>
internal sealed class UnloadedContexts
{
    private readonly Lock _gate = new();
    private readonly List<WeakReference> _contexts = [];

    /// <summary>How many unloaded scripts are still in memory. A few are until the next garbage collection.</summary>
    public int Alive
    {
        get
        {
            lock (_gate)
            {
                _contexts.RemoveAll(context => !context.IsAlive);
                return _contexts.Count;
            }
        }
    }

    /// <summary>Unloads a script that nobody is to find any more.</summary>
    public void Retire(CompiledScript script)
    {
        script.Unload();
        lock (_gate)
        {
            _contexts.RemoveAll(context => !context.IsAlive);
            _contexts.AddRange(script.ContextReferences());
        }
    }
}
