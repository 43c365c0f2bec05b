using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Scripting;

/// <summary>
/// What an image depends on beside the script: the compiler, the weaver, and what scripts are compiled against, each by the id that its build gave it.
/// The gateway's own id stands for guard, checks and options. The files are read and not loaded: the compiler is to stay out of memory.
/// </summary>
internal static class ImageIngredients
{
    /// <summary>The assemblies of the platform that hold the types, and the façades through which Google.Protobuf and the gateway name them.</summary>
    public static readonly ImmutableArray<string> Platform =
    [
        "System.Private.CoreLib", "System.Runtime", "System.Runtime.Extensions", "System.Runtime.Numerics", "System.Collections",
        "System.Collections.Concurrent", "System.Collections.Immutable", "System.Formats.Cbor", "System.Linq", "System.Memory", "System.ObjectModel",
        "System.Text.Encoding.Extensions", "System.Text.Encodings.Web", "System.Text.Json", "System.Text.RegularExpressions",
    ];

    private static readonly ImmutableArray<string> Libraries =
        ["Gateway", "Google.Protobuf", "Microsoft.CodeAnalysis", "Microsoft.CodeAnalysis.CSharp", "Mono.Cecil", "Mono.Cecil.Pdb", "Mono.Cecil.Rocks"];

    private static readonly Lazy<string?> Shared = new(Compute);

    /// <summary>One text for all of it; null when some of it can't be found out, as in a program of a single file.</summary>
    public static string? All => Shared.Value;

    /// <summary>What an image of this source is known by; null when images can't be kept.</summary>
    public static string? KeyOf(ScriptSource source) =>
        All is null ? null : Hash([All, source.Name, source.Trusted ? "trusted" : "", source.Hash]);

    /// <summary>What the library of these files is known by; null when images can't be kept.</summary>
    public static string? KeyOf(ProtoSet set, string protoc) => All is null ? null : Hash([All, protoc, ScriptLibrary.Prefix, set.Hash]);

    private static string? Compute()
    {
        var files = ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .ToLookup(file => Path.GetFileNameWithoutExtension(file)!, StringComparer.OrdinalIgnoreCase);
        try
        {
            string?[] ids = [.. Platform.Concat(Libraries).Select(name => files[name].FirstOrDefault() is { } file ? IdOf(file) : null)];
            return ids.Contains(null) ? null : Hash(ids!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or BadImageFormatException)
        {
            return null;
        }
    }

    private static string IdOf(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        var metadata = image.GetMetadataReader();
        return metadata.GetGuid(metadata.GetModuleDefinition().Mvid).ToString("N");
    }

    // None of them has a line break.
    private static string Hash(IEnumerable<string> texts) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', texts))));
}
