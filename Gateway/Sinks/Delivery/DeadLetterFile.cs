namespace Gateway.Sinks;

/// <summary>
/// What a sink's other side refused for good, as lines of JSON in a file. It is bounded: a full file is put aside, and takes the place of
/// the one that was put aside before. Of one loop, except for <see cref="Count"/>.
/// </summary>
internal sealed class DeadLetterFile(string path, long maxBytes, TimeProvider time)
{
    private readonly string _aside = path + ".1";
    private long _count = -1;

    /// <summary>How many are kept, those with them that are being offered again. Read by any thread; the first reader counts the lines.</summary>
    public long Count
    {
        get
        {
            if (Interlocked.Read(ref _count) is >= 0 and var known)
            {
                return known;
            }

            var offered = DeadLetterReplay.Left(path).Sum(file => LinesIn(file, DeadLetterReplay.SettledOf(file)));
            Interlocked.CompareExchange(ref _count, LinesIn(path) + LinesIn(_aside) + offered, -1);
            return Interlocked.Read(ref _count);
        }
    }

    /// <summary>Keeps messages; when it returns they are on disk. Answers how many old ones had to go for them.</summary>
    /// <exception cref="IOException">They could not be kept.</exception>
    public long Add(IReadOnlyList<Refusal> refusals)
    {
        var count = Count;
        ReadOnlyMemory<byte>[] lines = [.. refusals.Select(refusal => DeadLetterLine.Write(refusal, time.GetUtcNow()))];
        var dropped = MakeRoom(lines.Sum(line => line.Length + 1L));
        LineFile.Append(path, lines);
        Interlocked.Exchange(ref _count, count + refusals.Count - dropped);
        return dropped;
    }

    /// <summary>Puts all that is kept aside, to be offered to the sink again.</summary>
    public DeadLetterReplay BeginReplay()
    {
        _ = Count;
        return DeadLetterReplay.Begin(path, _aside, path);
    }

    /// <summary>The sink is done with letters that were offered again; those that it refused again were added before.</summary>
    public void Settled(DeadLetterReplay replay, LetterBatch letters)
    {
        replay.Settled(letters);
        Interlocked.Add(ref _count, -letters.Messages.Count);
    }

    private long MakeRoom(long bytes)
    {
        if (!File.Exists(path) || new FileInfo(path).Length + bytes <= maxBytes)
        {
            return 0;
        }

        var dropped = LinesIn(_aside);
        File.Move(path, _aside, overwrite: true);
        return dropped;
    }

    private static long LinesIn(string file, long from = 0)
    {
        if (!File.Exists(file))
        {
            return 0;
        }

        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        stream.Position = Math.Min(from, stream.Length);
        var buffer = new byte[64 * 1024];
        long lines = 0;
        for (var read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        }

        return lines;
    }
}
