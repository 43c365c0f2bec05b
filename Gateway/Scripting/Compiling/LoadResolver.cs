using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Gateway.Scripting;

/// <summary>Gives the compiler the files that a script loads as they were read, never from the disk: what was hashed is what is compiled.</summary>
internal sealed class LoadResolver(ScriptSource source) : SourceReferenceResolver
{
    // A file that loads the script that loads it gets nothing: the script is there already.
    private static readonly LoadedFile Script = LoadedFile.Of("");

    private static readonly string ScriptItself = $"(the script){ScriptFolder.Extension}";

    /// <summary>What a <c>#load</c> leads to, by its path in the scripts folder.</summary>
    /// <param name="source">The script.</param>
    /// <param name="path">What the directive says.</param>
    /// <param name="from">The file that says it, by its path in the scripts folder.</param>
    public static (string Ref, LoadedFile File) Find(ScriptSource source, string path, string from) => LoadPath.Resolve(path, from) switch
    {
        null => (path, LoadedFile.Refused(
            ScriptProblemCode.LoadOutside,
            $"a script loads {ScriptFolder.Extension} files of its own folder and the folders below it: write a path that starts from this file's folder, with forward slashes")),
        { } itself when itself == source.Ref => (ScriptItself, Script),
        { } loaded when source.Loaded.TryGetValue(loaded, out var file) => (loaded, file),
        { } loaded when source.Loaded.Count >= LoadReader.MostFiles => (loaded, LoadedFile.Refused(
            ScriptProblemCode.LoadTooMuch,
            string.Create(CultureInfo.InvariantCulture, $"the script loads more than the {LoadReader.MostFiles} files that it may load in all"))),
        { } loaded => (loaded, LoadedFile.Refused(ScriptProblemCode.LoadUnavailable, $"there is no {loaded} beside the script")),
    };

    /// <inheritdoc/>
    public override string NormalizePath(string path, string? baseFilePath) => path;

    /// <inheritdoc/>
    public override string? ResolveReference(string path, string? baseFilePath)
    {
        var (loaded, file) = Find(source, path, baseFilePath is null ? source.Ref : RefOf(baseFilePath));
        return file.Text is null ? null : source.Display(loaded);
    }

    /// <inheritdoc/>
    public override SourceText ReadText(string resolvedPath) => SourceText.From(TextOf(resolvedPath), Encoding.UTF8);

    /// <inheritdoc/>
    public override Stream OpenRead(string resolvedPath) => new MemoryStream(Encoding.UTF8.GetBytes(TextOf(resolvedPath)));

    /// <inheritdoc/>
    public override bool Equals(object? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => source.Name.GetHashCode(StringComparison.Ordinal);

    private string TextOf(string resolvedPath) => source.Loaded.GetValueOrDefault(RefOf(resolvedPath))?.Text ?? "";

    private string RefOf(string shown) => shown[source.Display("").Length..];
}
