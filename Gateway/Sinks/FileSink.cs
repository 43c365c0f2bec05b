namespace Gateway.Sinks;

/// <summary>Messages as lines of JSON at the end of a file.</summary>
internal sealed class FileSink(string name, string path) : ISink
{
    private static readonly ReadOnlyMemory<byte> LineEnd = "\n"u8.ToArray();

    // Of the one loop that calls.
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];

    public string Name => name;

    public string Type => "file";

    public Task<Delivery> WriteAsync(IReadOnlyList<SinkMessage> batch, CancellationToken cancellation)
    {
        _pieces.Clear();
        foreach (var message in batch)
        {
            _pieces.Add(message.Body);
            _pieces.Add(LineEnd);
        }

        LineFile.Append(path, _pieces);
        return Task.FromResult(Delivery.AllTaken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
