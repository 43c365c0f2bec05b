using System.Text;
using System.Text.Encodings.Web;

namespace Gateway.Scripting;

/// <summary>
/// The folder of the parser scripts. Scripts lie in it directly, and are named by their file name alone, so no name leads out of it;
/// what they load may lie in folders below.
/// </summary>
/// <param name="path">Where it is.</param>
/// <param name="shownAs">What people call it; its own name when null.</param>
internal sealed class ScriptFolder(string path, string? shownAs = null)
{
    /// <summary>What a script's name ends with.</summary>
    public const string Extension = ".csx";

    private const int LongestName = 128;

    private readonly string _shownAs = shownAs ?? System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path)));

    /// <summary>Where it is.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>A script as people name it: <c>scripts/efento.csx</c>.</summary>
    public string Display(string scriptRef) => _shownAs.Length == 0 ? scriptRef : $"{_shownAs}/{scriptRef}";

    /// <summary>Whether links lead from a file's path to somewhere outside of the folder.</summary>
    /// <exception cref="IOException">The links can't be followed.</exception>
    /// <exception cref="UnauthorizedAccessException">The links may not be followed.</exception>
    public bool LeadsOut(string fileRef) =>
        !RealPath.Of(FileOf(fileRef)).StartsWith(System.IO.Path.TrimEndingDirectorySeparator(RealPath.Of(Path)) + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>What is wrong with a reference to a script, or null. It comes from people, so it is shown in a form that can't break a log line.</summary>
    public ScriptProblem? CheckReference(string scriptRef)
    {
        if (IsFileName(scriptRef))
        {
            return null;
        }

        var shown = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(scriptRef.Length > LongestName ? scriptRef[..LongestName] : scriptRef);
        return ScriptProblem.OfFile(
            _shownAs, ScriptProblemCode.BadReference,
            $"\"{shown}\" does not name a script: write the name of a {Extension} file in the scripts folder, without a path, of letters, digits, '.', '_' and '-'");
    }

    /// <summary>The full path of a file in the folder.</summary>
    public string PathOf(string fileRef) => FileOf(fileRef);

    /// <summary>How a script's file looks now, without reading it; a full path leads to any other file or folder, whose stamp changes with what comes and goes.</summary>
    public FileStamp Stamp(string scriptRef)
    {
        try
        {
            // Where files are mounted by way of links (Kubernetes), it is the link's target that changes.
            FileSystemInfo link = new FileInfo(FileOf(scriptRef));
            var file = (FileInfo)(link.ResolveLinkTarget(returnFinalTarget: true) ?? link);
            return file.Exists ? new FileStamp(true, file.Length, file.LastWriteTimeUtc)
                : Directory.Exists(file.FullName) ? new FileStamp(true, 0, file.LastWriteTimeUtc)
                : default;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Reading it will say the same, with a message.
            return default;
        }
    }

    /// <summary>A script's source; of one that is too long so much that the compiler refuses it.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public string Read(string scriptRef)
    {
        using var stream = new FileStream(FileOf(scriptRef), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = new StringBuilder();
        var block = new char[4096];
        while (text.Length <= SourceLimits.Length && reader.Read(block) is > 0 and var read)
        {
            text.Append(block, 0, read);
        }

        return text.ToString();
    }

    /// <summary>The scripts that lie in the folder, by their file names.</summary>
    public IReadOnlyList<string> Scripts()
    {
        try
        {
            return [.. Directory.EnumerateFiles(Path, $"*{Extension}").Select(System.IO.Path.GetFileName).OfType<string>().Where(IsFileName)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Writes a script's file. Gives why it can't be, or null.</summary>
    public string? Write(string scriptRef, string text) => Change(scriptRef, () => Replace(scriptRef, text));

    /// <summary>Puts a candidate beside a script. Gives why it can't be, or null.</summary>
    public string? WriteCandidate(string scriptRef, string text) => Change(scriptRef, () => Replace(ScriptCandidate.FileOf(scriptRef), text));

    /// <summary>Takes a candidate, and the vectors that came with it, away. Gives why it can't be, or null.</summary>
    public string? DeleteCandidate(string scriptRef) => Change(scriptRef, () =>
    {
        File.Delete(FileOf(ScriptCandidate.FileOf(scriptRef)));
        File.Delete(FileOf(ScriptCandidate.FileOf(VectorFile.Of(scriptRef))));
    });

    /// <summary>Puts a candidate, and the vectors that came with it, into the place of the script. Gives why it can't be, or null.</summary>
    public string? Promote(string scriptRef) => Change(scriptRef, () =>
    {
        var vectors = VectorFile.Of(scriptRef);
        if (File.Exists(FileOf(ScriptCandidate.FileOf(vectors))))
        {
            File.Move(FileOf(ScriptCandidate.FileOf(vectors)), FileOf(vectors), overwrite: true);
        }

        File.Move(FileOf(ScriptCandidate.FileOf(scriptRef)), FileOf(scriptRef), overwrite: true);
    });

    // Whoever reads it meanwhile gets the one or the other, whole.
    private void Replace(string file, string text)
    {
        var unfinished = FileOf(file) + ".tmp";
        File.WriteAllText(unfinished, text);
        File.Move(unfinished, FileOf(file), overwrite: true);
    }

    private string? Change(string scriptRef, Action change)
    {
        try
        {
            change();
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"the files of {Display(scriptRef)} can't be changed by the gateway: {exception.Message}";
        }
    }

    private static bool IsFileName(string scriptRef) =>
        scriptRef.Length is > 4 and <= LongestName
        && scriptRef[0] != '.'
        && scriptRef.EndsWith(Extension, StringComparison.Ordinal)
        && scriptRef.All(character => char.IsLetterOrDigit(character) || character is '.' or '_' or '-');

    private string FileOf(string scriptRef) => System.IO.Path.Combine(Path, scriptRef);
}
