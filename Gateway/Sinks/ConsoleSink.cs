namespace Gateway.Sinks;

/// <summary>Messages as lines of JSON on standard output, or whatever stream stands for it.</summary>
internal sealed class ConsoleSink(string name, Stream output) : ISink
{
    private static readonly ReadOnlyMemory<byte> LineEnd = "\n"u8.ToArray();

    public string Name => name;

    public string Type => "console";

    public async Task<Delivery> WriteAsync(IReadOnlyList<SinkMessage> batch, CancellationToken cancellation)
    {
        foreach (var message in batch)
        {
            await output.WriteAsync(message.Body, cancellation);
            await output.WriteAsync(LineEnd, cancellation);
        }

        await output.FlushAsync(cancellation);
        return Delivery.AllTaken;
    }

    // Standard output is everybody's.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
