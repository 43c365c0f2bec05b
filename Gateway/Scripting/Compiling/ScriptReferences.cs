using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using Gateway.Scripting.Contract;
using Google.Protobuf;
using Microsoft.CodeAnalysis;

namespace Gateway.Scripting;

/// <summary>What a script is compiled against. One set for the process: each further set would cost megabytes.</summary>
internal static class ScriptReferences
{
    /// <summary>The namespaces that every script has without naming them, and the class of <c>warn</c>.</summary>
    public static readonly ImmutableArray<string> Usings =
    [
        "System", "System.Buffers.Binary", "System.Collections.Generic", "System.Globalization", "System.Linq", "System.Text",
        "System.Text.Json", "System.Text.Json.Nodes", "Gateway.Scripting.Contract", "Google.Protobuf",
        "Gateway.Scripting.Contract.Warnings",
    ];

    private static readonly Lazy<FrozenDictionary<string, PortableExecutableReference>> Shared = new(Load);

    /// <summary>The references by their names, read once.</summary>
    public static FrozenDictionary<string, PortableExecutableReference> ByName => Shared.Value;

    /// <summary>The references, read once.</summary>
    public static ImmutableArray<MetadataReference> All => [.. ByName.Values];

    private static FrozenDictionary<string, PortableExecutableReference> Load() =>
        ImageIngredients.Platform.Select(name => Assembly.Load(new AssemblyName(name))).Append(typeof(Reading).Assembly).Append(typeof(IMessage).Assembly)
            .ToFrozenDictionary(assembly => assembly.GetName().Name!, Reference, StringComparer.OrdinalIgnoreCase);

    // The runtime's own mapping of the file is used: no second copy in memory, and it is there in a single-file program too.
    private static unsafe PortableExecutableReference Reference(Assembly assembly) => assembly.TryGetRawMetadata(out var blob, out var length)
        ? AssemblyMetadata.Create(ModuleMetadata.CreateFromMetadata((nint)blob, length)).GetReference(display: assembly.GetName().Name)
        : throw new InvalidOperationException($"the metadata of {assembly.GetName().Name} can't be read, so no script can be compiled against it");
}
