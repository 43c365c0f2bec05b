using System.Collections.Immutable;

namespace Gateway.Scripting;

/// <summary>The <c>.proto</c> files that are to be compiled for a script, as they were read at one moment.</summary>
/// <param name="Folder">The folder as people name it: <c>protos</c>.</param>
/// <param name="Files">Their texts by their paths in the folder.</param>
internal sealed record ProtoSet(string Folder, ImmutableSortedDictionary<string, string> Files)
{
    /// <summary>Why they can't be used, or null.</summary>
    public ScriptProblem? Problem { get; init; }

    /// <summary>What they may import beside each other: the built-in files that none of them stands for.</summary>
    public IEnumerable<KeyValuePair<string, string>> BuiltIn => BuiltInProtos.All.Where(file => !Files.ContainsKey(file.Key));

    /// <summary>The SHA-256 of all files, in hexadecimal digits.</summary>
    public string Hash => ScriptVersion.HashOf(Files.SelectMany(file => new[] { file.Key, file.Value }));

    /// <summary>A file as people name it: <c>protos/door/lock.proto</c>.</summary>
    public string Display(string path) => $"{Folder}/{path}";

    /// <summary>
    /// What is to be compiled for a script: new files and files that differ from the built-in ones, those that import them, and of all these
    /// what the script may use, with what that imports. Null when the built-in types will do.
    /// </summary>
    /// <param name="folder">The folder as people name it.</param>
    /// <param name="files">All that lies in it.</param>
    /// <param name="sources">The texts of the script and what it loads.</param>
    public static ProtoSet? UsedIn(string folder, ImmutableSortedDictionary<string, string> files, IReadOnlyCollection<string> sources)
    {
        var all = BuiltInProtos.All.SetItems(files);
        string[] changed = [.. files.Where(file => !BuiltInProtos.Contains(file.Key, file.Value)).Select(file => file.Key)];
        if (changed.Length == 0)
        {
            return null;
        }

        var imports = all.SelectMany(file => ProtoText.Imports(file.Value).Select(imported => (Importer: file.Key, Imported: imported))).ToArray();
        var (importers, imported) = (imports.ToLookup(pair => pair.Imported, pair => pair.Importer), imports.ToLookup(pair => pair.Importer, pair => pair.Imported));
        var other = Closure(changed, path => importers[path]);
        var used = Closure(other.Where(path => ProtoText.MayBeUsedIn(all[path], sources)), path => imported[path].Where(other.Contains));
        return used.Count == 0 ? null : new ProtoSet(folder, used.ToImmutableSortedDictionary(path => path, path => all[path], StringComparer.Ordinal));
    }

    private static HashSet<string> Closure(IEnumerable<string> start, Func<string, IEnumerable<string>> next)
    {
        var found = new HashSet<string>();
        var rest = new Queue<string>(start);
        while (rest.TryDequeue(out var path))
        {
            if (found.Add(path))
            {
                foreach (var further in next(path))
                {
                    rest.Enqueue(further);
                }
            }
        }

        return found;
    }
}
