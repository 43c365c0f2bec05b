namespace Gateway.Uplink;

/// <summary>
/// Keeps a replay from calling a version again and again that has to be stopped each time: each stop costs the time limit of a processor, and
/// there may be a million frames. Of one replay; the breakers of the live frames know nothing of it.
/// </summary>
internal sealed class StoppedScripts
{
    /// <summary>After so many stops in a row a version is not called again.</summary>
    public const int MostStops = 10;

    private readonly Dictionary<string, int> _stopsInARow = new(StringComparer.Ordinal);

    public bool MayCall(string script) => _stopsInARow.GetValueOrDefault(script) < MostStops;

    public void Note(string script, bool wasStopped) => _stopsInARow[script] = wasStopped ? _stopsInARow.GetValueOrDefault(script) + 1 : 0;
}
