using System.Collections.Immutable;

namespace Gateway.Scripting;

/// <summary>Reads a script with all the files that belong to it.</summary>
internal sealed class SourceReader(ScriptFolder folder, ProtoFolder protos, ScriptSettings settings)
{
    // Trust is for a file of the scripts folder: one of the same name that lies elsewhere is another script.
    private readonly bool _mayTrust = folder.Path == Path.GetFullPath(settings.Path);

    /// <summary>The script with this file name. That it can't be read is a problem, never an exception.</summary>
    public SourceReading Read(string scriptRef)
    {
        var vectorsRef = VectorFile.Of(scriptRef);
        var files = Stamps(scriptRef, vectorsRef);
        ScriptProblem? problem = null;
        if (Text(scriptRef, ref problem) is not { } text)
        {
            return new SourceReading(null, problem ?? Missing(scriptRef), files);
        }

        var vectors = Text(vectorsRef, ref problem);
        var loads = new LoadReader(folder);
        loads.Read(scriptRef, text);
        files = files.SetItems(loads.Stamps);
        var used = protos.Read([text, .. loads.Loaded.Values.Select(file => file.Text).OfType<string>()]);
        files = files.SetItems(used.Stamps);
        return problem is null
            ? new SourceReading(
                new ScriptSource(folder.Display(scriptRef), text)
                {
                    Vectors = vectors,
                    Loaded = loads.Loaded,
                    Protos = used.Set,
                    Trusted = _mayTrust && settings.Trusts(scriptRef),
                },
                null, files)
            : new SourceReading(null, problem, files);
    }

    /// <summary>The problem of a script whose file is not there.</summary>
    public ScriptProblem Missing(string scriptRef) =>
        ScriptProblem.OfFile(folder.Display(scriptRef), ScriptProblemCode.Unreadable, $"there is no such script in {folder.Path}");

    private ImmutableDictionary<string, FileStamp> Stamps(params IEnumerable<string> files) => files.ToImmutableDictionary(file => file, folder.Stamp);

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
