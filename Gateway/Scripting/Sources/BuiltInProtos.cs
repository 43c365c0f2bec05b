using System.Collections.Immutable;

namespace Gateway.Scripting;

/// <summary>The <c>.proto</c> files whose types are compiled into the gateway.</summary>
internal static class BuiltInProtos
{
    private const string Prefix = "protos/";

    private static readonly Lazy<ImmutableSortedDictionary<string, string>> Texts = new(Read);

    /// <summary>Their texts by their paths, as <c>efento/config.proto</c>.</summary>
    public static ImmutableSortedDictionary<string, string> All => Texts.Value;

    /// <summary>Whether a file is the built-in one, whatever its line endings.</summary>
    public static bool Contains(string path, string text) => All.TryGetValue(path, out var own) && own.ReplaceLineEndings("\n") == text.ReplaceLineEndings("\n");

    private static ImmutableSortedDictionary<string, string> Read()
    {
        var assembly = typeof(BuiltInProtos).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToImmutableSortedDictionary(name => name[Prefix.Length..].Replace('\\', '/'), Text, StringComparer.Ordinal);

        string Text(string name)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return reader.ReadToEnd();
        }
    }
}
