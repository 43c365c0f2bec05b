using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>Readings as lines of JSON on standard output, or whatever stream stands for it.</summary>
internal sealed class ConsoleSink(string name, Stream output) : ISink
{
    public string Name => name;

    public string Type => "console";

    public async Task WriteAsync(IReadOnlyList<JournalRecord> batch, CancellationToken cancellation)
    {
        foreach (var record in batch)
        {
            await output.WriteAsync(record.Readings, cancellation);
        }

        await output.FlushAsync(cancellation);
    }

    // Standard output is everybody's.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
