namespace Gateway.Scripting;

/// <summary>
/// A script of the catalog, whatever its version. Everybody shares the one object, so that a new version is seen by all at once:
/// keep this, and take <see cref="State"/> or <see cref="Current"/> once per frame.
/// </summary>
internal sealed class CatalogScript
{
    // Written by the catalog alone, one piece of work at a time; read from everywhere.
    private volatile ScriptState _state;

    /// <summary>Made by <see cref="ScriptCatalog"/>.</summary>
    /// <param name="scriptRef">The script's file name.</param>
    /// <param name="state">What is known of it.</param>
    public CatalogScript(string scriptRef, ScriptState state) => (Ref, _state) = (scriptRef, state);

    /// <summary>The script's file name: <c>efento.csx</c>.</summary>
    public string Ref { get; }

    /// <summary>The version that serves; null when there has been none.</summary>
    public CompiledScript? Current => _state.Current;

    /// <summary>What is wrong with the file as it is now; empty when it is <see cref="Current"/>.</summary>
    public IReadOnlyList<ScriptProblem> Problems => _state.Problems;

    /// <summary>Since when <see cref="Current"/> is live; null when there is none.</summary>
    public DateTimeOffset? LoadedAt => _state.Live?.Since;

    /// <summary>All of this at one moment.</summary>
    public ScriptState State
    {
        get => _state;
        set => _state = value;
    }
}
