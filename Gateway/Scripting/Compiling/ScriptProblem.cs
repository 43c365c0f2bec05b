using System.Globalization;

namespace Gateway.Scripting;

/// <summary>Why a script can't be used, and where: what an editor jumps to and what the admin reads.</summary>
/// <param name="File">The script as people name it: <c>scripts/efento.csx</c>.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Code">The compiler's own, such as <c>CS1002</c>, or one of <see cref="ScriptProblemCode"/>.</param>
/// <param name="Message">What is wrong, and what would be right.</param>
internal sealed record ScriptProblem(string File, int Line, int Column, string Code, string Message)
{
    /// <summary>A problem of the file as a whole.</summary>
    public static ScriptProblem OfFile(string file, string code, string message) => new(file, 1, 1, code, message);

    /// <summary>In the compiler's own form, which editors and build logs know how to follow.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}({Line},{Column}): error {Code}: {Message}");
}
