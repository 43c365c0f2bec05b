using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd.SinkRuns;

/// <summary>A file. It is "stopped" by a folder in its place; what was in it is moved aside.</summary>
internal sealed class FileServer : ISinkServer
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _parts = [];
    private int _taken;

    public int? Port => null;

    private string Path => _folder.PathOf("readings.ndjson");

    public string Settings(int port) => $"\"type\": \"file\", \"message_ids\": true, \"path\": {JsonSerializer.Serialize(Path)}";

    public Task StartAsync(int advertised)
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path);
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync()
    {
        var part = _folder.PathOf(string.Create(CultureInfo.InvariantCulture, $"part-{_parts.Count}"));
        _parts.Add(part);

        // The sink may make the file anew between the two steps.
        await Eventually.HoldsAsync(() => TakesItsPlace(part), "a folder stands in the place of the file");
    }

    public Task<IReadOnlyList<(ReadOnlyMemory<byte> Body, string Id)>> TakeArrivedAsync() => Task.FromResult<IReadOnlyList<(ReadOnlyMemory<byte>, string)>>([.. TakeArrived()]);

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private bool TakesItsPlace(string part)
    {
        if (File.Exists(Path) && !File.Exists(part))
        {
            File.Move(Path, part);
        }

        if (File.Exists(Path))
        {
            return false;
        }

        Directory.CreateDirectory(Path);
        return true;
    }

    // A kill may have left half a line, and the part was moved aside before the sink came back to it.
    private static string[] WholeLines(string file) => File.ReadAllText(file).Split('\n')[..^1];

    private IEnumerable<(ReadOnlyMemory<byte> Body, string Id)> TakeArrived()
    {
        var lines = _parts.Append(Path).Where(File.Exists).SelectMany(WholeLines).Skip(_taken).ToList();
        _taken += lines.Count;
        return from line in lines select ((ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(line), Ledger.IdIn(line));
    }
}
