namespace Gateway.Coap.Dtls;

/// <summary>Which of the last records have come already (RFC 6347 §4.1.2.6): 64 up to the newest. What is older than these counts as come.</summary>
internal struct ReplayWindow
{
    private const int Size = 64;

    private ulong _come;

    /// <summary>The records up to the newest that have come: the newest is the lowest bit.</summary>
    public readonly ulong Come => _come;

    /// <summary>One more than the number of the newest record that has come; 0 when none has.</summary>
    public ulong End { get; private set; }

    /// <summary>One as it was.</summary>
    public static ReplayWindow Of(ulong end, ulong come) => new() { End = end, _come = come };

    /// <summary>A window behind whose end nothing counts as new.</summary>
    public static ReplayWindow EndingAt(ulong end) => new() { End = end, _come = ulong.MaxValue };

    public readonly bool IsNewest(ulong sequence) => sequence >= End;

    public readonly bool HasCome(ulong sequence)
    {
        if (sequence >= End)
        {
            return false;
        }

        var age = End - 1 - sequence;
        return age >= Size || ((_come >> (int)age) & 1) != 0;
    }

    /// <summary>Takes note of a record, once it is known to be its peer's.</summary>
    public void Add(ulong sequence)
    {
        if (sequence < End)
        {
            _come |= 1UL << (int)(End - 1 - sequence);
            return;
        }

        var step = sequence + 1 - End;
        _come = (step >= Size ? 0 : _come << (int)step) | 1;
        End = sequence + 1;
    }
}
