using System.Text;

namespace Gateway.Commands;

/// <summary>What is wrong with one member of what a caller wrote.</summary>
/// <param name="Detail">What is wrong, and what is expected.</param>
/// <param name="Pointer">Where: a JSON pointer as a URI fragment (RFC 6901 §6), such as <c>#/keys/1/identity</c>.</param>
internal sealed record FieldProblem(string Detail, string Pointer)
{
    /// <summary>A problem at a place as people write it, such as <c>keys[1].identity</c> or <c>labels["a.b"]</c>.</summary>
    public static FieldProblem Of(string path, string detail) => new(detail, PointerOf(path));

    public static FieldProblem Of(CommandProblem problem) => Of(problem.Path, problem.Message);

    private static string PointerOf(string path)
    {
        var pointer = new StringBuilder("#");
        for (var rest = path.AsSpan(); rest.Length > 0;)
        {
            var isName = rest[0] is not '[';
            var isQuoted = rest.StartsWith("[\"");
            var start = isQuoted ? 2 : isName && rest[0] is not '.' ? 0 : 1;
            var length = isQuoted ? rest[start..].IndexOf("\"]") : isName ? rest[start..].IndexOfAny('.', '[') : rest[start..].IndexOf(']');
            var part = length < 0 ? rest[start..] : rest.Slice(start, length);
            pointer.Append('/').Append(Uri.EscapeDataString(part.ToString().Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));
            rest = length < 0 ? [] : rest[(start + length + (isQuoted ? 2 : isName ? 0 : 1))..];
        }

        return pointer.ToString();
    }
}
