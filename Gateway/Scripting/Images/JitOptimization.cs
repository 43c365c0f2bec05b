using System.Buffers.Binary;
using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Gateway.Scripting;

/// <summary>
/// Scripts are emitted as debug code, whose every statement keeps its line, and which asks the runtime not to optimize it.
/// The one that serves is loaded without that wish; the image as it is makes <see cref="ScriptTwin"/>.
/// </summary>
internal static class JitOptimization
{
    // ECMA-335 II.23.3: a prolog of two bytes, then the constructor's argument.
    private const int Prolog = sizeof(ushort);

    /// <summary>The assembly with the wish taken out: a copy that differs in four bytes.</summary>
    public static byte[] Allow(byte[] assembly)
    {
        var copy = assembly.ToArray();
        if (PlaceOfModes(assembly) is { } place)
        {
            BinaryPrimitives.WriteInt32LittleEndian(copy.AsSpan(place), (int)DebuggableAttribute.DebuggingModes.IgnoreSymbolStoreSequencePoints);
        }

        return copy;
    }

    private static int? PlaceOfModes(byte[] assembly)
    {
        using var image = new PEReader(new MemoryStream(assembly));
        var metadata = image.GetMetadataReader();
        foreach (var attribute in metadata.GetAssemblyDefinition().GetCustomAttributes().Select(metadata.GetCustomAttribute))
        {
            if (IsDebuggable(metadata, attribute))
            {
                return image.PEHeaders.MetadataStartOffset + OffsetOf(metadata, attribute.Value) + Prolog;
            }
        }

        return null;
    }

    private static bool IsDebuggable(MetadataReader metadata, CustomAttribute attribute) =>
        attribute.Constructor.Kind is HandleKind.MemberReference
        && metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } type
        && metadata.StringComparer.Equals(metadata.GetTypeReference((TypeReferenceHandle)type).Name, nameof(DebuggableAttribute));

    private static unsafe int OffsetOf(MetadataReader metadata, BlobHandle blob) => (int)(metadata.GetBlobReader(blob).StartPointer - metadata.MetadataPointer);
}
