using System.Collections.Immutable;
using System.Globalization;

namespace Gateway.Scripting;

/// <summary>The folder of <c>.proto</c> files that scripts may use without a new build of the gateway. It need not exist.</summary>
internal sealed class ProtoFolder(string path)
{
    /// <summary>What a file's name ends with.</summary>
    public const string Extension = ".proto";

    /// <summary>How many files it may have.</summary>
    public const int MostFiles = 200;

    private static readonly EnumerationOptions Below = new() { RecurseSubdirectories = true, MaxRecursionDepth = 8, IgnoreInaccessible = true };

    private readonly ScriptFolder _files = new(path);

    /// <summary>Where it is.</summary>
    public string Path => _files.Path;

    /// <summary>What of it a script uses.</summary>
    /// <param name="sources">The texts of the script and what it loads.</param>
    public ProtoReading Read(IReadOnlyCollection<string> sources)
    {
        // A folder's own stamp changes when a file comes or goes.
        var stamps = ImmutableDictionary<string, FileStamp>.Empty.SetItem(Path, _files.Stamp(Path));
        if (!stamps[Path].Exists)
        {
            return new ProtoReading(null, stamps);
        }

        try
        {
            stamps = stamps.SetItems(Directory.EnumerateDirectories(Path, "*", Below).Take(MostFiles).Select(folder => KeyValuePair.Create(folder, _files.Stamp(folder))));
            string[] names = [.. Directory.EnumerateFiles(Path, $"*{Extension}", Below).Select(Name).Where(IsShown).Order(StringComparer.Ordinal).Take(MostFiles + 1)];
            var seen = stamps.SetItems(names.Select(name => KeyValuePair.Create(_files.PathOf(name), _files.Stamp(name))));
            var files = names.ToImmutableSortedDictionary(name => name, _files.Read, StringComparer.Ordinal);
            var set = ProtoSet.UsedIn(_files.Display("").TrimEnd('/'), files, sources);
            return set is null ? new ProtoReading(null, stamps) : new ProtoReading(set with { Problem = Problem(files) }, seen);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A script that uses no built-in type can't tell whether it needed what could not be read: the compiler will say what is missing.
            return new ProtoReading(null, stamps);
        }
    }

    private string Name(string file) => System.IO.Path.GetRelativePath(Path, file).Replace('\\', '/');

    // What editors and mounts hide behind a dot is not meant, and no name is to look like an option of protoc.
    private static bool IsShown(string name) =>
        char.IsLetterOrDigit(name[0]) && !name.Contains("/.", StringComparison.Ordinal)
        && name.All(character => char.IsLetterOrDigit(character) || character is '.' or '_' or '-' or '/');

    private ScriptProblem? Problem(ImmutableSortedDictionary<string, string> files)
    {
        if (files.Count > MostFiles)
        {
            var message = string.Create(CultureInfo.InvariantCulture, $"the folder has more than the {MostFiles} {Extension} files that it may have");
            return ScriptProblem.OfFile(_files.Display(""), ScriptProblemCode.ProtosTooMuch, message);
        }

        var tooLong = files.FirstOrDefault(file => file.Value.Length > SourceLimits.Length).Key;
        return tooLong is null
            ? null
            : ScriptProblem.OfFile(
                _files.Display(tooLong), ScriptProblemCode.ProtosTooMuch,
                string.Create(CultureInfo.InvariantCulture, $"the file has more than the {SourceLimits.Length} characters that a {Extension} file may have"));
    }
}

/// <summary>What of the protos folder a script uses.</summary>
/// <param name="Set">What is to be compiled; null when nothing is.</param>
/// <param name="Stamps">How files and folders looked just before they were read, by their full paths.</param>
internal sealed record ProtoReading(ProtoSet? Set, ImmutableDictionary<string, FileStamp> Stamps);
