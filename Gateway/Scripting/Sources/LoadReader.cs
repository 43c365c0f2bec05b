using System.Collections.Immutable;
using System.Globalization;

namespace Gateway.Scripting;

/// <summary>Reads all files that a script loads, and those that they load, so that what is hashed is what is compiled.</summary>
internal sealed class LoadReader(ScriptFolder folder)
{
    /// <summary>How many files a script may load in all.</summary>
    public const int MostFiles = 50;

    /// <summary>Characters of all files that a script loads.</summary>
    public const int Length = 2 * SourceLimits.Length;

    private readonly ImmutableSortedDictionary<string, LoadedFile>.Builder _loaded = ImmutableSortedDictionary.CreateBuilder<string, LoadedFile>(StringComparer.Ordinal);
    private readonly Dictionary<string, FileStamp> _stamps = [];
    private readonly Queue<(string Ref, string Text)> _unseen = [];
    private int _length;

    /// <summary>The files by their paths in the scripts folder, also those that can't be had.</summary>
    public ImmutableSortedDictionary<string, LoadedFile> Loaded => _loaded.ToImmutable();

    /// <summary>How each of them looked just before it was read.</summary>
    public IReadOnlyDictionary<string, FileStamp> Stamps => _stamps;

    /// <summary>Reads what a script loads.</summary>
    public void Read(string scriptRef, string text)
    {
        _unseen.Enqueue((scriptRef, text));
        while (_unseen.TryDequeue(out var file))
        {
            foreach (var path in LoadDirectives.In(file.Text))
            {
                if (LoadPath.Resolve(path, file.Ref) is { } loaded && loaded != scriptRef && !_loaded.ContainsKey(loaded))
                {
                    Add(loaded);
                }
            }
        }
    }

    private void Add(string fileRef)
    {
        // What is not looked at any more is told when the compiler asks for it.
        if (_loaded.Count >= MostFiles)
        {
            return;
        }

        _stamps[fileRef] = folder.Stamp(fileRef);
        var file = File(fileRef);
        _loaded[fileRef] = file;
        if (file.Text is { } text)
        {
            _unseen.Enqueue((fileRef, text));
        }
    }

    private LoadedFile File(string fileRef)
    {
        try
        {
            if (folder.LeadsOut(fileRef))
            {
                return LoadedFile.Refused(ScriptProblemCode.LoadOutside, $"{fileRef} is a link that leads out of {folder.Path}; a script loads files of its own folder only");
            }

            var text = folder.Read(fileRef);
            _length += text.Length;
            return _length <= Length
                ? LoadedFile.Of(text)
                : LoadedFile.Refused(
                    ScriptProblemCode.LoadTooMuch,
                    string.Create(CultureInfo.InvariantCulture, $"with {fileRef} the script loads more than the {Length} characters that it may load in all"));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return LoadedFile.Refused(ScriptProblemCode.LoadUnavailable, $"there is no {fileRef} in {folder.Path}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return LoadedFile.Refused(ScriptProblemCode.LoadUnavailable, $"{fileRef} can't be read: {exception.Message}");
        }
    }
}
