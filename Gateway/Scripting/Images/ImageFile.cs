using System.Security.Cryptography;
using System.Text;

namespace Gateway.Scripting;

/// <summary>
/// A compiled script as a file: mark, SHA-256 of what follows, and that is key, name, version, type, assembly, symbols,
/// the parser's class (empty for none), where the commands are listed, and the library (empty for none).
/// The hash finds what is torn or altered by accident; it is no signature.
/// </summary>
internal static class ImageFile
{
    // The last character is the version of the format.
    private static ReadOnlySpan<byte> Mark => "GWIMAGE2"u8;

    /// <summary>The file of an image.</summary>
    public static byte[] Write(string key, ScriptImage image)
    {
        using var content = new MemoryStream();
        using (var writer = new BinaryWriter(content, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(key);
            writer.Write(image.Name);
            writer.Write(image.Version);
            writer.Write(image.TypeName);
            Write(writer, image.Assembly);
            Write(writer, image.Symbols);
            writer.Write(image.ParserName ?? "");
            writer.Write(image.CommandsAt.Line);
            writer.Write(image.CommandsAt.Column);
            writer.Write(image.Library?.Name ?? "");
            Write(writer, image.Library?.Assembly ?? []);
        }

        return [.. Mark, .. SHA256.HashData(content.GetBuffer().AsSpan(0, (int)content.Length)), .. content.GetBuffer().AsSpan(0, (int)content.Length)];
    }

    /// <summary>The image in a file; null when it is not whole, or not what the key stands for.</summary>
    public static ScriptImage? Read(string key, byte[] file)
    {
        var start = Mark.Length + SHA256.HashSizeInBytes;
        if (file.Length < start || !file.AsSpan().StartsWith(Mark) || !SHA256.HashData(file.AsSpan(start)).AsSpan().SequenceEqual(file.AsSpan(Mark.Length, SHA256.HashSizeInBytes)))
        {
            return null;
        }

        // What has the right hash was written above, and has all its parts.
        using var reader = new BinaryReader(new MemoryStream(file, start, file.Length - start), Encoding.UTF8);
        return reader.ReadString() == key
            ? new ScriptImage(reader.ReadString(), reader.ReadString(), reader.ReadString(), Read(reader), Read(reader))
            {
                ParserName = reader.ReadString() is { Length: > 0 } parser ? parser : null,
                CommandsAt = (reader.ReadInt32(), reader.ReadInt32()),
                Library = Library(reader),
            }
            : null;
    }

    private static void Write(BinaryWriter writer, byte[] bytes)
    {
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static ScriptLibrary? Library(BinaryReader reader) =>
        (reader.ReadString(), Read(reader)) is ({ Length: > 0 } name, var assembly) ? new ScriptLibrary(name, assembly) : null;

    private static byte[] Read(BinaryReader reader) => reader.ReadBytes(reader.ReadInt32());
}
