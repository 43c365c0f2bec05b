using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Gateway.Scripting;

/// <summary>A compiled script's image, opened for looking through and for changing.</summary>
internal static class ImageModule
{
    /// <summary>Opens an image with its symbols.</summary>
    public static ModuleDefinition Read(ScriptImage image) => ModuleDefinition.ReadModule(
        new MemoryStream(image.Assembly),
        new ReaderParameters { ReadSymbols = true, SymbolStream = new MemoryStream(image.Symbols), SymbolReaderProvider = new PortablePdbReaderProvider() });

    /// <summary>The image with what the module has become.</summary>
    public static ScriptImage Write(this ModuleDefinition module, ScriptImage image)
    {
        using MemoryStream assembly = new(), symbols = new();
        module.Write(assembly, new WriterParameters { WriteSymbols = true, SymbolStream = symbols, SymbolWriterProvider = new PortablePdbWriterProvider() });
        return image with { Assembly = assembly.ToArray(), Symbols = symbols.ToArray() };
    }
}
