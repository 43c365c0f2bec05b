using System.Collections.Concurrent;
using Gateway.Coap;
using Gateway.Scripting;

namespace Gateway.Cli;

/// <summary>What a fleet has done so far. May be added to from any thread.</summary>
internal sealed class FleetTally
{
    private readonly Lock _lock = new();
    private readonly LatencyTally _latencies = new();
    private readonly long[] _answers = new long[256];
    private readonly ConcurrentQueue<string> _troubles = new();

    private long _confirmable, _nonConfirmable, _silences, _retransmissions, _lost, _duplicated, _rebinds, _resets, _unreadable;

    public void Sent(bool isConfirmable) => Interlocked.Increment(ref isConfirmable ? ref _confirmable : ref _nonConfirmable);

    public void Retransmitted() => Interlocked.Increment(ref _retransmissions);

    public void Lost() => Interlocked.Increment(ref _lost);

    public void Duplicated() => Interlocked.Increment(ref _duplicated);

    public void Rebound() => Interlocked.Increment(ref _rebinds);

    public void WasReset() => Interlocked.Increment(ref _resets);

    /// <summary>A message had no answer at all.</summary>
    public void Unanswered() => Interlocked.Increment(ref _silences);

    /// <summary>A message was answered.</summary>
    /// <param name="code">With what.</param>
    /// <param name="latency">After how long; null for one that had to be sent again, of which nobody can tell which sending was answered.</param>
    public void Answered(CoapCode code, TimeSpan? latency)
    {
        Interlocked.Increment(ref _answers[code.Value]);
        if (latency is { } time)
        {
            lock (_lock)
            {
                _latencies.Add(time);
            }
        }
    }

    /// <summary>A device was sent what no gateway should send.</summary>
    public void Unreadable(string trouble)
    {
        Interlocked.Increment(ref _unreadable);
        if (_troubles.Count < FleetVerdict.Examples)
        {
            _troubles.Enqueue(trouble);
        }
    }

    /// <summary>The sums.</summary>
    public FleetCounts Counts()
    {
        LatencySummary latencies;
        lock (_lock)
        {
            latencies = _latencies.Summary();
        }

        return new FleetCounts
        {
            Confirmable = Interlocked.Read(ref _confirmable),
            NonConfirmable = Interlocked.Read(ref _nonConfirmable),
            Answers = Enumerable.Range(0, _answers.Length)
                .Select(code => (Code: new CoapCode((byte)code), Count: Interlocked.Read(ref _answers[code])))
                .Where(answer => answer.Count > 0)
                .ToDictionary(answer => answer.Code.ToString(), answer => answer.Count),
            Unanswered = Interlocked.Read(ref _silences),
            Retransmissions = Interlocked.Read(ref _retransmissions),
            LostDatagrams = Interlocked.Read(ref _lost),
            DuplicatedDatagrams = Interlocked.Read(ref _duplicated),
            Rebinds = Interlocked.Read(ref _rebinds),
            Resets = Interlocked.Read(ref _resets),
            Unreadable = Interlocked.Read(ref _unreadable),
            Troubles = [.. _troubles],
            P50Milliseconds = Math.Round(latencies.P50Microseconds / 1000, 1),
            P99Milliseconds = Math.Round(latencies.P99Microseconds / 1000, 1),
        };
    }
}

/// <summary>What a fleet has done by some instant. These are the names in the JSON.</summary>
internal sealed record FleetCounts
{
    public required long Confirmable { get; init; }

    public required long NonConfirmable { get; init; }

    /// <summary>How often each code came.</summary>
    public required IReadOnlyDictionary<string, long> Answers { get; init; }

    /// <summary>Confirmable messages that were given up.</summary>
    public required long Unanswered { get; init; }

    public required long Retransmissions { get; init; }

    public required long LostDatagrams { get; init; }

    public required long DuplicatedDatagrams { get; init; }

    public required long Rebinds { get; init; }

    /// <summary>Messages that were answered with a reset.</summary>
    public required long Resets { get; init; }

    /// <summary>Answers that a device could not read.</summary>
    public required long Unreadable { get; init; }

    /// <summary>Some of what was unreadable, in words.</summary>
    public required IReadOnlyList<string> Troubles { get; init; }

    /// <summary>Half of the answers to what had to be sent only once came within so long.</summary>
    public required double P50Milliseconds { get; init; }

    /// <summary>99 of 100 of them.</summary>
    public required double P99Milliseconds { get; init; }
}
