namespace Gateway.Sinks;

/// <summary>Messages as lines of JSON at the end of a file, which is put aside when it is full or of another day.</summary>
internal sealed class FileSink(string name, FileSinkSettings settings, TimeProvider time) : ISink
{
    private readonly FileRotation _rotation = new(settings, time);

    public string Name => name;

    public string Type => "file";

    public bool TakesLines => true;

    public Task<Delivery> WriteAsync(IReadOnlyList<SinkMessage> batch, CancellationToken cancellation)
    {
        var (lines, bytes) = (new ReadOnlyMemory<byte>[batch.Count], 0L);
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = batch[i].Body;
            bytes += lines[i].Length + 1;
        }

        _rotation.MakeRoom(bytes);
        LineFile.Append(settings.Path, lines);
        return Task.FromResult(Delivery.AllTaken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
