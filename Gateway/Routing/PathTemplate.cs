using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Routing;

/// <summary>
/// The path of a route: <c>/devices/{device_id}/data</c>. A segment is a text that the request must have there, or a variable that takes
/// whatever is there. Texts are compared as they are, after the request's options were decoded (RFC 7252 §5.10.1: no percent signs on the wire).
/// </summary>
internal sealed partial class PathTemplate
{
    private const int MaxSegmentBytes = 255;

    private PathTemplate(ImmutableArray<PathSegment> segments)
    {
        Segments = segments;
        Variables = [.. segments.Where(segment => segment.IsVariable).Select(segment => segment.Text)];
    }

    public IReadOnlyList<PathSegment> Segments { get; }

    /// <summary>The names of the variables, in their order.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>The template without the variables' names; two templates of the same shape match the same paths.</summary>
    public string Shape => "/" + string.Join('/', Segments.Select(segment => segment.IsVariable ? "{}" : segment.Text));

    /// <summary>Reads a template; when it is none, says why.</summary>
    public static bool TryParse(string text, out PathTemplate? template, out string? problem)
    {
        template = null;
        problem = null;
        if (!text.StartsWith('/'))
        {
            problem = "must start with \"/\"";
            return false;
        }

        var segments = text is "/" ? [] : text[1..].Split('/').Select(PathSegment.Of).ToImmutableArray();
        problem = segments.Select(Complaint).FirstOrDefault(complaint => complaint is not null)
            ?? segments.Where(segment => segment.IsVariable).GroupBy(segment => segment.Text).Where(group => group.Count() > 1)
                .Select(group => $"has the variable {{{group.Key}}} more than once").FirstOrDefault();
        template = problem is null ? new PathTemplate(segments) : null;
        return template is not null;
    }

    /// <summary>Whether a request's path is one of this template, and what its variables are then. A variable is never empty.</summary>
    public bool TryMatch(IReadOnlyList<string> path, out IReadOnlyDictionary<string, string> variables)
    {
        variables = ImmutableDictionary<string, string>.Empty;
        if (path.Count != Segments.Count)
        {
            return false;
        }

        for (var i = 0; i < path.Count; i++)
        {
            if (Segments[i].IsVariable ? path[i].Length == 0 : path[i] != Segments[i].Text)
            {
                return false;
            }
        }

        if (Variables.Count > 0)
        {
            variables = Take(path);
        }

        return true;
    }

    public override string ToString() => "/" + string.Join('/', Segments);

    private Dictionary<string, string> Take(IReadOnlyList<string> path)
    {
        var variables = new Dictionary<string, string>(Variables.Count);
        for (var i = 0; i < path.Count; i++)
        {
            if (Segments[i].IsVariable)
            {
                variables.Add(Segments[i].Text, path[i]);
            }
        }

        return variables;
    }

    private static string? Complaint(PathSegment segment) => segment switch
    {
        { IsVariable: true } when !VariableName().IsMatch(segment.Text) => $"has a variable {segment} whose name is not of letters, digits and _",
        { IsVariable: true } => null,
        { Text: "" } => "has an empty segment",
        // RFC 7252 5.10.1: these two must not be sent as Uri-Path, so no request would ever match.
        { Text: "." or ".." } => $"has a segment \"{segment}\"",
        _ when segment.Text.AsSpan().ContainsAny('{', '}') => $"has the segment \"{segment}\", but a variable is a whole segment, such as {{device_id}}",
        _ when segment.Text.AsSpan().ContainsAny('?', '#') => $"has the segment \"{segment}\", but a query or fragment is no part of a path",
        _ when Encoding.UTF8.GetByteCount(segment.Text) > MaxSegmentBytes => $"has a segment of more than {MaxSegmentBytes} bytes, which CoAP can't carry",
        _ => null,
    };

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex VariableName();
}

/// <summary>A segment of a <see cref="PathTemplate"/>.</summary>
/// <param name="Text">What must be there; of a variable, its name.</param>
/// <param name="IsVariable">Whether anything may be there.</param>
internal readonly record struct PathSegment(string Text, bool IsVariable)
{
    public static PathSegment Of(string text) =>
        text is ['{', .., '}'] ? new PathSegment(text[1..^1], IsVariable: true) : new PathSegment(text, IsVariable: false);

    public override string ToString() => IsVariable ? $"{{{Text}}}" : Text;
}
