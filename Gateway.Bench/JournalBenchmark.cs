using BenchmarkDotNet.Attributes;
using Gateway.Journal;
using Gateway.Scripting;

namespace Gateway.Bench;

/// <summary>From the readings of one Efento frame to their lines of JSON, from there into the buffer of a commit, and back out of it for a sink.</summary>
[MemoryDiagnoser]
public class JournalBenchmark : IDisposable
{
    // As many frames as a busy gateway commits at once.
    private const int FramesOfGroup = 128;

    private readonly CommitGroup _whole = new(openedAt: 0);
    private IReadOnlyList<Reading> _readings = null!;
    private JournalRecord _record = null!;

    /// <summary>How many are in the frame.</summary>
    [Params(6, 120)]
    public int Readings { get; set; }

    /// <summary>Reads the frame once, and fills a group with it.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _readings = new EfentoInHost().Parse(Frames.EfentoOf(Readings), Frames.Config, Frames.Request);
        _record = Frames.Record([.. ReadingLines.Write(_readings, Frames.Config, Frames.Request, [], int.MaxValue)!.Value]);
        for (var i = 0; i < FramesOfGroup; i++)
        {
            _whole.Add(_record);
        }
    }

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _whole.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The readings, completed, to lines.</summary>
    [Benchmark]
    public int Lines()
    {
        var lines = ReadingLines.Write(_readings, Frames.Config, Frames.Request, [], int.MaxValue)!.Value;
        System.Buffers.ArrayPool<byte>.Shared.Return(lines.Array!);
        return lines.Count;
    }

    /// <summary>A frame with its lines into a group, as part of a group of many.</summary>
    [Benchmark(OperationsPerInvoke = FramesOfGroup)]
    public int Append()
    {
        using var group = new CommitGroup(openedAt: 0);
        for (var i = 0; i < FramesOfGroup; i++)
        {
            group.Add(_record);
        }

        return group.Bytes;
    }

    /// <summary>A frame out of a group that is in memory, with its lines unfolded: what a sink reads.</summary>
    [Benchmark(OperationsPerInvoke = FramesOfGroup)]
    public int Read()
    {
        var walk = new GroupWalk(_whole.Body, firstSequence: 1, FramesOfGroup);
        var bytes = 0;
        while (walk.MoveNext())
        {
            JournalCodec.TryRead(walk.Bytes, walk.Sequence, out var record, out _);
            bytes += record!.Readings.Length;
        }

        return bytes;
    }
}
