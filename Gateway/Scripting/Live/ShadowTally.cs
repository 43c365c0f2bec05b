namespace Gateway.Scripting;

/// <summary>What came of giving a candidate the frames of the live version.</summary>
internal sealed class ShadowTally
{
    /// <summary>Differing frames that are kept as examples.</summary>
    public const int MostExamples = 10;

    private readonly Lock _gate = new();
    private readonly List<ShadowExample> _examples = [];
    private readonly LatencyTally _live = new();
    private readonly LatencyTally _candidate = new();
    private long _agree, _differ, _fail, _mend, _missed;

    /// <summary>A frame was read by both.</summary>
    /// <param name="verdict">How they compare.</param>
    /// <param name="example">The frame as an example; null when they agree.</param>
    /// <param name="live">How long the live version took.</param>
    /// <param name="candidate">How long the candidate took.</param>
    public void Add(ShadowVerdict verdict, ShadowExample? example, TimeSpan live, TimeSpan candidate)
    {
        lock (_gate)
        {
            _ = verdict switch
            {
                ShadowVerdict.Agrees => _agree++,
                ShadowVerdict.Differs => _differ++,
                ShadowVerdict.Fails => _fail++,
                _ => _mend++,
            };
            _live.Add(live);
            _candidate.Add(candidate);
            if (example is not null && _examples.Count < MostExamples)
            {
                _examples.Add(example);
            }
        }
    }

    /// <summary>A frame was not given to the candidate, because too many were waiting.</summary>
    public void Miss() => Interlocked.Increment(ref _missed);

    /// <summary>What came of it so far.</summary>
    public ShadowReport Report()
    {
        lock (_gate)
        {
            return new ShadowReport(_agree + _differ + _fail + _mend, _agree, _differ, _fail, _mend, Interlocked.Read(ref _missed), _live.Summary(), _candidate.Summary(), [.. _examples]);
        }
    }
}

/// <summary>How a candidate did with a frame, beside the live version.</summary>
internal enum ShadowVerdict
{
    /// <summary>Both gave the same readings, or failed in the same way.</summary>
    Agrees,

    /// <summary>Both gave readings, and not the same.</summary>
    Differs,

    /// <summary>The candidate failed where the live version did not, or in another way.</summary>
    Fails,

    /// <summary>The candidate gave readings where the live version failed.</summary>
    Mends,
}

/// <summary>A frame on which the two differ.</summary>
/// <param name="RequestId">The exchange.</param>
/// <param name="DeviceId">The device.</param>
/// <param name="Path">The path that the frame came to.</param>
/// <param name="Payload">Its payload, in hexadecimal digits.</param>
/// <param name="Live">The first reading that differs as the live version gave it, or its error.</param>
/// <param name="Candidate">The same of the candidate.</param>
internal sealed record ShadowExample(string RequestId, string DeviceId, string Path, string Payload, string Live, string Candidate);

/// <summary>How a candidate compares with the live version.</summary>
/// <param name="Frames">Frames that both were given.</param>
/// <param name="Agree">Of these, frames with the same outcome.</param>
/// <param name="Differ">Frames with other readings.</param>
/// <param name="Fail">Frames on which only the candidate failed, or in another way.</param>
/// <param name="Mend">Frames on which only the live version failed.</param>
/// <param name="Missed">Frames that the candidate was not given, because too many were waiting.</param>
/// <param name="LiveTime">How long the live version's <c>parse</c> took.</param>
/// <param name="CandidateTime">How long the candidate's took.</param>
/// <param name="Examples">Frames on which they differ.</param>
internal sealed record ShadowReport(
    long Frames, long Agree, long Differ, long Fail, long Mend, long Missed, LatencySummary LiveTime, LatencySummary CandidateTime, IReadOnlyList<ShadowExample> Examples);
