using System.Globalization;

namespace Gateway.Sinks;

/// <summary>
/// The letters of a sink's files that are offered to it again. The files are first put aside under names of their own, and each is deleted when
/// all of its letters are settled, so nothing is lost when the gateway ends in between: another replay goes on behind the last letters
/// that were settled. What the sink refuses again goes to a new file, and so is offered once in a replay. Of one loop.
/// <code>
/// web.ndjson, web.ndjson.1      ─►  web.ndjson.replay-000000, web.ndjson.replay-000001
/// how far the first of them is  ─►  web.ndjson.replay-000000.at
/// </code>
/// </summary>
internal sealed class DeadLetterReplay
{
    private const string Infix = ".replay-";
    private const string Place = ".at";
    private const byte LineEnd = (byte)'\n';

    // A batch of the longest letters must not fill the memory; one that is longer alone is read alone.
    private const int MostBytes = 4 * 1024 * 1024;

    private readonly string _path;
    private readonly Queue<string> _files;

    private DeadLetterReplay(string path, IEnumerable<string> files) => (_path, _files) = (path, new Queue<string>(files));

    /// <summary>Puts files aside, the oldest first, behind what another replay has left.</summary>
    public static DeadLetterReplay Begin(string path, params IReadOnlyList<string> files)
    {
        var left = Left(path);
        var number = left.Count == 0 ? 0 : int.Parse(left[^1][(path.Length + Infix.Length)..], CultureInfo.InvariantCulture) + 1;
        foreach (var file in files.Where(File.Exists))
        {
            File.Move(file, string.Create(CultureInfo.InvariantCulture, $"{path}{Infix}{number++:000000}"));
        }

        return new DeadLetterReplay(path, Left(path));
    }

    /// <summary>The files of a replay that is under way, or was when the gateway ended.</summary>
    public static IReadOnlyList<string> Left(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return !Directory.Exists(folder) ? [] :
        [
            .. from file in Directory.EnumerateFiles(folder, Path.GetFileName(path) + Infix + "*")
               where file.AsSpan(file.LastIndexOf(Infix, StringComparison.Ordinal) + Infix.Length) is { Length: 6 } number && !number.ContainsAnyExceptInRange('0', '9')
               orderby file
               select path + file[file.LastIndexOf(Infix, StringComparison.Ordinal)..],
        ];
    }

    /// <summary>How far a file has been settled, in bytes.</summary>
    public static long SettledOf(string file) =>
        File.Exists(file + Place) && long.TryParse(File.ReadAllText(file + Place), NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : 0;

    /// <summary>The next letters; null when there are none left. Until they are settled, it gives the same ones.</summary>
    /// <param name="most">How many at most.</param>
    public LetterBatch? Next(int most)
    {
        while (_files.TryPeek(out var file))
        {
            var from = SettledOf(file);
            if (ReadLines(file, from, most) is { Count: > 0 } lines)
            {
                return LetterBatch.Of(lines, file, from + lines.Sum(line => line.Length + 1L));
            }

            File.Delete(file);
            File.Delete(file + Place);
            _files.Dequeue();
        }

        return null;
    }

    /// <summary>The sink is done with these letters, and what it refused is on disk again.</summary>
    public void Settled(LetterBatch letters)
    {
        if (letters.Unreadable.Count > 0)
        {
            LineFile.Append(_path, letters.Unreadable);
        }

        // Not synced: what a power cut takes back is offered once more.
        File.WriteAllText(letters.File + Place, letters.End.ToString(CultureInfo.InvariantCulture));
    }

    private static List<ReadOnlyMemory<byte>> ReadLines(string file, long from, int most)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var left = RandomAccess.GetLength(handle) - from;
        for (var window = MostBytes; left > 0; window *= 2)
        {
            var bytes = new byte[Math.Min(window, left)];
            var length = RandomAccess.Read(handle, bytes, from);
            var lines = LinesOf(bytes.AsMemory(0, length), isAll: length == left, most);
            if (lines.Count > 0 || length == left)
            {
                return lines;
            }
        }

        return [];
    }

    // The half of a line that a crash has left at the end is a line too.
    private static List<ReadOnlyMemory<byte>> LinesOf(ReadOnlyMemory<byte> bytes, bool isAll, int most)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        while (!bytes.IsEmpty && lines.Count < most)
        {
            var end = bytes.Span.IndexOf(LineEnd);
            if (end < 0 && !isAll)
            {
                break;
            }

            lines.Add(end < 0 ? bytes : bytes[..end]);
            bytes = end < 0 ? default : bytes[(end + 1)..];
        }

        return lines;
    }
}

/// <summary>Letters that are offered to their sink again.</summary>
/// <param name="Messages">What they are about.</param>
/// <param name="Unreadable">Lines that are no letters.</param>
/// <param name="File">Where they stand.</param>
/// <param name="End">Where the letters behind them begin.</param>
internal sealed record LetterBatch(IReadOnlyList<SinkMessage> Messages, IReadOnlyList<ReadOnlyMemory<byte>> Unreadable, string File, long End)
{
    public static LetterBatch Of(IReadOnlyList<ReadOnlyMemory<byte>> lines, string file, long end)
    {
        var (messages, unreadable) = (new List<SinkMessage>(), new List<ReadOnlyMemory<byte>>());
        foreach (var line in lines)
        {
            if (DeadLetterLine.Read(line) is { } message)
            {
                messages.Add(message);
            }
            else if (!line.IsEmpty)
            {
                unreadable.Add(line);
            }
        }

        return new LetterBatch(messages, unreadable, file, end);
    }
}
