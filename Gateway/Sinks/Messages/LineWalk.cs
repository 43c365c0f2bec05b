namespace Gateway.Sinks;

/// <summary>Goes from line to line, each without its end. The last one need have none.</summary>
internal struct LineWalk(ReadOnlyMemory<byte> lines)
{
    private const byte LineEnd = (byte)'\n';

    private ReadOnlyMemory<byte> _rest = lines;

    /// <summary>The line.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Goes to the next line; false after the last.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var end = _rest.Span.IndexOf(LineEnd);
        (Line, _rest) = end < 0 ? (_rest, default) : (_rest[..end], _rest[(end + 1)..]);
        return true;
    }
}
