namespace Gateway.Tests.Coap.Fuzz;

/// <summary>A datagram that others are made from.</summary>
/// <param name="Name">Its file and what the file says of it.</param>
/// <param name="Datagram">Its bytes.</param>
internal sealed record Seed(string Name, byte[] Datagram)
{
    public override string ToString() => Name;
}

/// <summary>The committed datagrams: in <c>corpus/*.hex</c>, one in a line, and above it a comment that says what it is.</summary>
internal static class Corpus
{
    private const string NoBytes = "-";

    public static IReadOnlyList<Seed> Seeds { get; } =
    [
        .. from file in Directory.EnumerateFiles(Repository.PathOf("Gateway.Tests", "Coap", "Fuzz", "corpus"), "*.hex").Order(StringComparer.Ordinal)
           from seed in Read(file)
           select seed,
    ];

    private static IEnumerable<Seed> Read(string file)
    {
        var comment = "";
        foreach (var line in File.ReadLines(file))
        {
            if (line.StartsWith('#'))
            {
                comment = line[1..].Trim();
            }
            else if (line.Length > 0)
            {
                yield return new Seed($"{Path.GetFileName(file)}: {comment}", line == NoBytes ? [] : Convert.FromHexString(line));
            }
        }
    }
}
