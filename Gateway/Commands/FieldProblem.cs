namespace Gateway.Commands;

/// <summary>What is wrong with one member of what a caller wrote.</summary>
/// <param name="Detail">What is wrong, and what is expected.</param>
/// <param name="Pointer">Where: a JSON pointer as a URI fragment, such as <c>#/payload</c>.</param>
internal sealed record FieldProblem(string Detail, string Pointer)
{
    public static FieldProblem Of(string path, string detail) => new(detail, path.Length == 0 ? "#" : "#/" + path.Replace('.', '/'));

    public static FieldProblem Of(CommandProblem problem) => Of(problem.Path, problem.Message);
}
