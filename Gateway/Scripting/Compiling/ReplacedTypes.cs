using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using Gateway.Scripting.Contract;
using Microsoft.CodeAnalysis;

namespace Gateway.Scripting;

/// <summary>
/// Shows a script the gateway without those of its message types that a library has anew: with both in sight, the compiler could not choose.
/// In a copy of the gateway's metadata they are not public; identity and everything else stay as they are.
/// </summary>
internal static class ReplacedTypes
{
    /// <summary>What a script with this library is compiled against.</summary>
    public static IEnumerable<MetadataReference> References(ScriptLibrary library)
    {
        var gateway = typeof(Reading).Assembly.GetName().Name!;
        return ScriptReferences.ByName
            .Select(reference => reference.Key == gateway ? Gateway(PublicTypes(library)) : reference.Value)
            .Append(MetadataReference.CreateFromImage(library.Assembly));
    }

    private static HashSet<string> PublicTypes(ScriptLibrary library)
    {
        using var image = new PEReader(new MemoryStream(library.Assembly));
        var metadata = image.GetMetadataReader();
        return [.. metadata.TypeDefinitions.Select(metadata.GetTypeDefinition).Where(IsPublic).Select(type => FullName(metadata, type))];
    }

    private static unsafe PortableExecutableReference Gateway(HashSet<string> replaced)
    {
        if (!typeof(Reading).Assembly.TryGetRawMetadata(out var blob, out var length))
        {
            throw new InvalidOperationException("the gateway's metadata can't be read, so no script can be compiled against it");
        }

        var copy = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        new ReadOnlySpan<byte>(blob, length).CopyTo(copy);
        var start = Marshal.UnsafeAddrOfPinnedArrayElement(copy, 0);
        var metadata = new MetadataReader((byte*)start, length);
        foreach (var handle in metadata.TypeDefinitions)
        {
            var type = metadata.GetTypeDefinition(handle);
            if (IsPublic(type) && replaced.Contains(FullName(metadata, type)))
            {
                // ECMA-335 II.22.37: a row of the table begins with the flags, and these with the visibility, of which 0 is "not public".
                var row = metadata.GetTableMetadataOffset(TableIndex.TypeDef) + (metadata.GetTableRowSize(TableIndex.TypeDef) * (MetadataTokens.GetRowNumber(handle) - 1));
                copy[row] &= unchecked((byte)~TypeAttributes.VisibilityMask);
            }
        }

        // The copy lives as long as what was made of it.
        return AssemblyMetadata.Create(ModuleMetadata.CreateFromMetadata(start, length, () => GC.KeepAlive(copy))).GetReference(display: typeof(Reading).Assembly.GetName().Name);
    }

    private static bool IsPublic(TypeDefinition type) => (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public;

    private static string FullName(MetadataReader metadata, TypeDefinition type) => $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
}
