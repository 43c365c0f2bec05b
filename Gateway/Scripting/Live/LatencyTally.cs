using System.Numerics;

namespace Gateway.Scripting;

/// <summary>Times in buckets that grow by an eighth of a power of two, so that a percentile is known within a tenth. Not for several threads.</summary>
internal sealed class LatencyTally
{
    private const int Steps = 8;

    private readonly long[] _buckets = new long[64 * Steps];
    private long _count;
    private double _nanoseconds;

    /// <summary>Counts a time.</summary>
    public void Add(TimeSpan time)
    {
        var nanoseconds = (ulong)Math.Max(time.TotalNanoseconds, Steps);
        var power = BitOperations.Log2(nanoseconds);
        _buckets[(power * Steps) + (int)((nanoseconds - (1UL << power)) * Steps >> power)]++;
        _count++;
        _nanoseconds += time.TotalNanoseconds;
    }

    /// <summary>What has been counted.</summary>
    public LatencySummary Summary() => new(
        _count == 0 ? 0 : Math.Round(_nanoseconds / _count / 1000, 3), Math.Round(Percentile(0.5) / 1000, 3), Math.Round(Percentile(0.99) / 1000, 3));

    private double Percentile(double share)
    {
        long seen = 0, wanted = (long)Math.Ceiling(share * _count);
        for (var bucket = 0; bucket < _buckets.Length && wanted > 0; bucket++)
        {
            seen += _buckets[bucket];
            if (seen >= wanted)
            {
                // The bucket's middle.
                return (1UL << (bucket / Steps)) * (1 + (((bucket % Steps) + 0.5) / Steps));
            }
        }

        return 0;
    }
}

/// <summary>How long calls took, in microseconds.</summary>
/// <param name="MeanMicroseconds">On average.</param>
/// <param name="P50Microseconds">Half of them at most.</param>
/// <param name="P99Microseconds">99 of 100 at most.</param>
internal sealed record LatencySummary(double MeanMicroseconds, double P50Microseconds, double P99Microseconds);
