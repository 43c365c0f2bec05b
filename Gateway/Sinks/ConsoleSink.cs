namespace Gateway.Sinks;

/// <summary>Messages as lines of JSON on standard output, or whatever stream stands for it.</summary>
internal sealed class ConsoleSink(string name, Stream output) : ISink
{
    private const int MostBuffered = 64 << 10;
    private const byte LineEnd = (byte)'\n';

    // Of the sink's loop. Each write is a call into the system, so lines are gathered.
    private readonly MemoryStream _lines = new();

    public string Name => name;

    public string Type => "console";

    public bool TakesLines => true;

    public async Task<Delivery> WriteAsync(IReadOnlyList<SinkMessage> batch, CancellationToken cancellation)
    {
        _lines.SetLength(0);
        foreach (var message in batch)
        {
            _lines.Write(message.Body.Span);
            _lines.WriteByte(LineEnd);
            if (_lines.Length >= MostBuffered)
            {
                await PassOnAsync(cancellation);
            }
        }

        await PassOnAsync(cancellation);
        await output.FlushAsync(cancellation);
        return Delivery.AllTaken;
    }

    // Standard output is everybody's.
    public ValueTask DisposeAsync() => _lines.DisposeAsync();

    private async Task PassOnAsync(CancellationToken cancellation)
    {
        await output.WriteAsync(_lines.GetBuffer().AsMemory(0, (int)_lines.Length), cancellation);
        _lines.SetLength(0);
    }
}
