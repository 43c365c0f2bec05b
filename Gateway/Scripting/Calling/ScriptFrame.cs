using System.Diagnostics;
using System.Globalization;

namespace Gateway.Scripting;

/// <summary>A line of a script, or of a file that it loads, in a stack trace.</summary>
/// <param name="File">The file as people name it: <c>scripts/lib/crc.csx</c>.</param>
/// <param name="Line">From 1.</param>
internal readonly record struct ScriptFrame(string File, int Line)
{
    /// <summary>The method, and the place in what the runtime made of it: several lines may look like one where code is optimized.</summary>
    public (int Method, int Offset) Code { get; init; }

    /// <summary>The innermost frame that is in a script: what it called is rarely at fault. Null when there is none.</summary>
    public static ScriptFrame? In(StackTrace trace)
    {
        foreach (var frame in trace.GetFrames())
        {
            // Nothing else is compiled from such files, and a script calls no other script.
            if (frame.GetFileName() is { } file && IsScript(file))
            {
                return new ScriptFrame(file, frame.GetFileLineNumber()) { Code = (frame.GetMethod()?.MetadataToken ?? 0, frame.GetNativeOffset()) };
            }
        }

        return null;
    }

    private static bool IsScript(string file) =>
        file.EndsWith(ScriptFolder.Extension, StringComparison.Ordinal) || file.EndsWith(ScriptFolder.Extension + ScriptCandidate.Extension, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}");
}
