using System.Collections.Immutable;

namespace Gateway.Scripting;

/// <summary>Reads a script with all the files that belong to it.</summary>
internal sealed class SourceReader(ScriptFolder folder, ProtoFolder protos, ScriptSettings settings)
{
    // Trust is for a file of the scripts folder: one of the same name that lies elsewhere is another script.
    private readonly bool _mayTrust = folder.Path == Path.GetFullPath(settings.Path);

    /// <summary>The script with this file name, and its candidate. That something can't be read is a problem, never an exception.</summary>
    public SourceReading Read(string scriptRef)
    {
        var (vectors, next, nextVectors) = (VectorFile.Of(scriptRef), ScriptCandidate.FileOf(scriptRef), ScriptCandidate.FileOf(VectorFile.Of(scriptRef)));
        var files = ImmutableDictionary.CreateBuilder<string, FileStamp>();
        files.AddRange(new[] { scriptRef, vectors, next, nextVectors }.Select(file => KeyValuePair.Create(file, folder.Stamp(file))));
        var (source, problem) = Source(scriptRef, vectors, scriptRef, files);

        // A candidate without vectors of its own has to do what those of the script say.
        var candidate = files[next].Exists ? Source(next, files[nextVectors].Exists ? nextVectors : vectors, scriptRef, files).Source : null;
        return new SourceReading(source, source is null ? problem ?? Missing(scriptRef) : null, files.ToImmutable()) { Candidate = candidate };
    }

    /// <summary>The script as it would be with another text in its file.</summary>
    /// <param name="scriptRef">The file, which need not be there.</param>
    /// <param name="text">The text.</param>
    /// <param name="vectors">The text of its vectors; null for those in their file.</param>
    public ScriptSource Draft(string scriptRef, string text, string? vectors)
    {
        ScriptProblem? unread = null;
        var vectorsFile = VectorFile.Of(scriptRef);
        return Of(scriptRef, text, vectors ?? Text(vectorsFile, ref unread), vectorsFile, scriptRef, ImmutableDictionary.CreateBuilder<string, FileStamp>());
    }

    /// <summary>The problem of a script whose file is not there.</summary>
    public ScriptProblem Missing(string scriptRef) =>
        ScriptProblem.OfFile(folder.Display(scriptRef), ScriptProblemCode.Unreadable, $"there is no such script in {folder.Path}");

    private (ScriptSource? Source, ScriptProblem? Problem) Source(
        string file, string vectorsFile, string scriptRef, ImmutableDictionary<string, FileStamp>.Builder files)
    {
        ScriptProblem? problem = null;
        if (Text(file, ref problem) is not { } text)
        {
            return (null, problem);
        }

        var vectors = Text(vectorsFile, ref problem);
        return problem is null ? (Of(file, text, vectors, vectorsFile, scriptRef, files), null) : (null, problem);
    }

    private ScriptSource Of(
        string file, string text, string? vectors, string vectorsFile, string scriptRef, ImmutableDictionary<string, FileStamp>.Builder files)
    {
        var loads = new LoadReader(folder);
        loads.Read(file, text);
        var used = protos.Read([text, .. loads.Loaded.Values.Select(loaded => loaded.Text).OfType<string>()]);
        foreach (var (path, stamp) in loads.Stamps.Concat(used.Stamps))
        {
            files[path] = stamp;
        }

        return new ScriptSource(folder.Display(file), text)
        {
            Vectors = vectors,
            VectorsName = folder.Display(vectorsFile),
            Loaded = loads.Loaded,
            Protos = used.Set,
            Trusted = _mayTrust && settings.Trusts(scriptRef),
        };
    }

    // Null when it is not there; when it is but can't be read, there is a problem as well.
    private string? Text(string name, ref ScriptProblem? problem)
    {
        try
        {
            return folder.Read(name);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = ScriptProblem.OfFile(folder.Display(name), ScriptProblemCode.Unreadable, $"the file can't be read: {exception.Message}");
            return null;
        }
    }
}
