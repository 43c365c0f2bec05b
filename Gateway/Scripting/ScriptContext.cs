using System.Runtime.Loader;

namespace Gateway.Scripting;

/// <summary>One version of one script in memory. Unloading only asks: it is gone when nothing holds its code or objects any more.</summary>
internal sealed class ScriptContext(string name) : AssemblyLoadContext(name, isCollectible: true);
