using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Scripting;

/// <summary>What can be said of a <c>.proto</c> file without compiling it.</summary>
internal static partial class ProtoText
{
    /// <summary>The files that it imports, by their paths in the protos folder.</summary>
    public static IEnumerable<string> Imports(string text) => Import().Matches(text).Select(match => match.Groups[1].Value);

    /// <summary>Whether a script may use it: it names the file's namespace, or, where there is none, one of its types.</summary>
    public static bool MayBeUsedIn(string proto, IEnumerable<string> sources)
    {
        string[] names = Namespace(proto) is { Length: > 0 } space ? [space] : [.. Declaration().Matches(proto).Select(match => match.Groups[1].Value)];
        return sources.Any(source => names.Any(name => source.Contains(name, StringComparison.Ordinal)));
    }

    /// <summary>The C# namespace of its types; empty when there is none.</summary>
    public static string Namespace(string text) =>
        CSharpNamespace().Match(text) is { Success: true } option ? option.Groups[1].Value
            : Package().Match(text) is { Success: true } package ? InPascalCase(package.Groups[1].Value)
            : "";

    // As protoc does it: acme.door_lock2x becomes Acme.DoorLock2X.
    private static string InPascalCase(string package)
    {
        var (name, capital) = (new StringBuilder(), true);
        foreach (var character in package)
        {
            if (char.IsAsciiLetter(character))
            {
                name.Append(capital ? char.ToUpperInvariant(character) : character);
                capital = false;
                continue;
            }

            capital = true;
            if (character != '_')
            {
                name.Append(character);
            }
        }

        return name.ToString();
    }

    [GeneratedRegex("""^\s*import\s+(?:public\s+|weak\s+)?["']([^"']+)["']\s*;""", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Import();

    [GeneratedRegex("""^\s*package\s+([\w.]+)\s*;""", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Package();

    [GeneratedRegex("""^\s*option\s+csharp_namespace\s*=\s*["']([^"']*)["']""", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex CSharpNamespace();

    [GeneratedRegex("""\b(?:message|enum)\s+(\w+)""", RegexOptions.NonBacktracking)]
    private static partial Regex Declaration();
}
