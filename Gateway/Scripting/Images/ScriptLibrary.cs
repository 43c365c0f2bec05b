namespace Gateway.Scripting;

/// <summary>The message types of <c>.proto</c> files that were compiled for a script. It is loaded with the script, and goes with it.</summary>
/// <param name="Name">The assembly's name: <c>Gateway.Protos.</c> and the beginning of the files' hash.</param>
/// <param name="Assembly">The assembly.</param>
internal sealed record ScriptLibrary(string Name, byte[] Assembly)
{
    /// <summary>What the names of all of them begin with.</summary>
    public const string Prefix = "Gateway.Protos.";
}
