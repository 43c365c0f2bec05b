using System.Collections.Concurrent;
using Gateway.Devices;

namespace Gateway.Uplink;

/// <summary>
/// Logs that scripts fail, and that frames can't be kept, but not for each frame: a broken script fails for every device that it
/// serves, a full disk for all of them, and the log would fill the disk. The metrics count each failure.
/// </summary>
internal sealed class FailureLog(TimeProvider time, ILogger<FailureLog> log)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Failures> _byScript = new(StringComparer.Ordinal);
    private readonly Failures _notDurable = new();

    public void Report(string requestId, string script, DeviceId device, string problem)
    {
        if (_byScript.GetOrAdd(script, _ => new Failures()).TryTakeTurn(time, out var untold))
        {
            log.ScriptFailed(requestId, script, device, problem, untold);
        }
    }

    public void ReportNotDurable(string requestId, string peer, Exception failure)
    {
        if (_notDurable.TryTakeTurn(time, out var untold))
        {
            log.NotDurable(requestId, peer, untold, failure);
        }
    }

    private sealed class Failures
    {
        private readonly Lock _gate = new();
        private long? _lastTold;
        private int _untold;

        /// <summary>Whether it is time to tell of one; then, of how many nobody was told since the last.</summary>
        public bool TryTakeTurn(TimeProvider time, out int untold)
        {
            lock (_gate)
            {
                untold = _untold;
                if (_lastTold is { } last && time.GetElapsedTime(last) < Quiet)
                {
                    _untold++;
                    return false;
                }

                (_lastTold, _untold) = (time.GetTimestamp(), 0);
                return true;
            }
        }
    }
}
