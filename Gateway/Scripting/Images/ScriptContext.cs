using System.Reflection;
using System.Runtime.Loader;

namespace Gateway.Scripting;

/// <summary>One version of one script in memory. Unloading only asks: it is gone when nothing holds its code or objects any more.</summary>
/// <param name="name">What a memory dump shows.</param>
/// <param name="library">The message types that were compiled for the script, which go with it; null when it has none.</param>
internal sealed class ScriptContext(string name, ScriptLibrary? library = null) : AssemblyLoadContext(name, isCollectible: true)
{
    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (library is null || assemblyName.Name != library.Name)
        {
            return null;
        }

        using var image = new MemoryStream(library.Assembly);
        return LoadFromStream(image);
    }
}
