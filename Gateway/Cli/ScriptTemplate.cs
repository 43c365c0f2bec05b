namespace Gateway.Cli;

/// <summary>The files that <c>new script</c> writes; they are kept in the program, from <c>Cli/Templates</c>.</summary>
/// <param name="Script">The script.</param>
/// <param name="Vectors">Its vectors.</param>
internal sealed record ScriptTemplate(string Script, string Vectors)
{
    /// <summary>Where the script's own name goes.</summary>
    private const string Name = "NAME";

    /// <summary>A frame that the template's script reads.</summary>
    public const string Payload = "08ca37";

    /// <summary>A command that it knows, as JSON.</summary>
    public const string Command = """{"command_type": "set_interval", "payload": {"minutes": 15}}""";

    /// <summary>The files of a new script.</summary>
    /// <param name="script">Its file name.</param>
    /// <param name="asClass">Whether it is a class instead of functions.</param>
    public static ScriptTemplate Of(string script, bool asClass)
    {
        var name = Path.GetFileNameWithoutExtension(script);
        return new(Read(asClass ? "class.csx" : "functions.csx", name), Read("vectors.json", name));
    }

    private static string Read(string template, string name)
    {
        using var reader = new StreamReader(typeof(ScriptTemplate).Assembly.GetManifestResourceStream($"templates/{template}")!);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Replace(Name, name, StringComparison.Ordinal);
    }
}
