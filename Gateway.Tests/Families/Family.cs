using Gateway.Scripting;

namespace Gateway.Tests.Families;

/// <summary>A shipped script with its vectors and its page.</summary>
internal sealed class Family
{
    private static readonly Dictionary<string, Lazy<Family>> Known =
        Directory.GetFiles(Repository.PathOf("scripts"), "*.csx").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)
            .ToDictionary(name => name, name => new Lazy<Family>(() => new Family(name)));

    private Family(string name)
    {
        Name = name;
        Vectors = File.ReadAllText(Repository.PathOf("scripts", $"{name}.vectors.json"));
        Script = new Efento.ShippedScript($"{name}.csx");
        Page = File.ReadAllText(Repository.PathOf("docs", "devices", $"{name}.md")).ReplaceLineEndings("\n");
    }

    /// <summary>The scripts' names without their ending.</summary>
    public static IEnumerable<string> Names => Known.Keys;

    public string Name { get; }

    public Efento.ShippedScript Script { get; }

    /// <summary>The text of its vectors.</summary>
    public string Vectors { get; }

    /// <summary>Its page in docs/devices.</summary>
    public string Page { get; }

    public IReadOnlyList<Vector> VectorList => VectorFile.Read(Vectors, $"{Name}.vectors.json").Vectors;

    /// <summary>Compiled once, when a test first wants it.</summary>
    public static Family Of(string name) => Known[name].Value;
}
