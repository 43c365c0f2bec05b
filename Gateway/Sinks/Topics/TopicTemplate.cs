using System.Text;
using System.Text.Json;

namespace Gateway.Sinks;

/// <summary>
/// The name of a topic with places for what a message is of: <c>devices/{device_id}/readings/{index}</c>. A value that is missing is
/// written <c>_</c>, and what a broker forbids is escaped: see <see cref="TopicRules"/>.
/// </summary>
internal sealed class TopicTemplate
{
    private static readonly Dictionary<string, TopicVariable> Variables = new()
    {
        ["device_id"] = TopicVariable.DeviceId,
        ["index"] = TopicVariable.Index,
        ["profile"] = TopicVariable.Profile,
        ["kind"] = TopicVariable.Kind,
        ["label"] = TopicVariable.Label,
        ["label..."] = TopicVariable.AllLabels,
    };

    private readonly IReadOnlyList<Part> _parts;
    private readonly TopicRules _rules;

    private TopicTemplate(IReadOnlyList<Part> parts, TopicRules rules) => (_parts, _rules) = (parts, rules);

    /// <summary>Reads a template.</summary>
    /// <exception cref="FormatException">It is none; the message says why. Settings are checked before, with <see cref="Problem"/>.</exception>
    public static TopicTemplate Parse(string text, TopicRules rules) =>
        TryParse(text, rules, out var problem) ?? throw new FormatException(problem);

    /// <summary>What is wrong with a template; null when nothing is.</summary>
    public static string? Problem(string text, TopicRules rules) => TryParse(text, rules, out var problem) is null ? problem : null;

    public bool Has(TopicVariable variable) => _parts.Any(part => part.Variable == variable);

    /// <summary>The topic of a message; null when it would be longer than the broker allows.</summary>
    public string? For(SinkMessage message)
    {
        var topic = new StringBuilder();
        foreach (var part in _parts)
        {
            topic.Append(part.Variable is TopicVariable.None ? part.Literal : Value(part.Variable, message));
        }

        var text = topic.ToString();
        return Encoding.UTF8.GetByteCount(text) <= _rules.MaxBytes ? text : null;
    }

    /// <summary>The pattern that all topics of this template match: <paramref name="one"/> for a level with a variable, <paramref name="rest"/> for all from <c>{label...}</c> on.</summary>
    public string Pattern(string one, string rest)
    {
        var all = string.Concat(_parts.Select(part => part.Variable switch
        {
            TopicVariable.None => part.Literal,
            TopicVariable.AllLabels => "\0\0",
            _ => "\0",
        }));
        var levels = all.Split(_rules.Separator).Select(level => level.Contains("\0\0", StringComparison.Ordinal) ? rest : level.Contains('\0', StringComparison.Ordinal) ? one : level).ToList();
        var end = levels.IndexOf(rest);
        return string.Join(_rules.Separator, end < 0 ? levels : levels.Take(end + 1));
    }

    private string Value(TopicVariable variable, SinkMessage message) => variable switch
    {
        TopicVariable.DeviceId => _rules.Escape(message.DeviceId),
        TopicVariable.Index => _rules.Escape(message.Index),
        TopicVariable.Profile => _rules.Escape(message.Profile),
        TopicVariable.Kind => JsonNamingPolicy.SnakeCaseLower.ConvertName(message.Kind.ToString()),
        TopicVariable.Label => _rules.Escape(message.Labels.Count > 0 ? message.Labels[0] : null),
        TopicVariable.AllLabels when message.Labels.Count > 0 => string.Join(_rules.Separator, message.Labels.Select(_rules.Escape)),
        _ => _rules.Escape(null),
    };

    private static TopicTemplate? TryParse(string text, TopicRules rules, out string? problem)
    {
        var parts = new List<Part>();
        problem = Read(text, parts) ?? Check(text, parts, rules);
        return problem is null ? new TopicTemplate(parts, rules) : null;
    }

    private static string? Read(string text, List<Part> parts)
    {
        for (var rest = text; rest.Length > 0;)
        {
            var open = rest.IndexOf('{', StringComparison.Ordinal);
            var literal = open < 0 ? rest : rest[..open];
            if (literal.Contains('}', StringComparison.Ordinal))
            {
                return "a \"}\" has no \"{\" before it";
            }

            if (literal.Length > 0)
            {
                parts.Add(new Part(literal, TopicVariable.None));
            }

            if (open < 0)
            {
                return null;
            }

            var close = rest.IndexOf('}', open);
            if (close < 0)
            {
                return "a \"{\" has no \"}\" behind it";
            }

            var name = rest[(open + 1)..close];
            if (!Variables.TryGetValue(name, out var variable))
            {
                return $"there is no variable {{{name}}}: write one of {string.Join(", ", Variables.Keys.Select(known => $"{{{known}}}"))}";
            }

            parts.Add(new Part("", variable));
            rest = rest[(close + 1)..];
        }

        return null;
    }

    private static string? Check(string text, List<Part> parts, TopicRules rules)
    {
        // A variable is never empty, and its name may have a separator in it.
        var shape = string.Concat(parts.Select(part => part.Variable is TopicVariable.None ? part.Literal : "x"));
        if (shape.Split(rules.Separator).Any(level => level.Length == 0))
        {
            return $"\"{text}\" has an empty level: \"{rules.Separator}\" stands between two";
        }

        if (text.StartsWith('$'))
        {
            return "topics that begin with \"$\" belong to the server";
        }

        if (Encoding.UTF8.GetByteCount(text) > rules.MaxBytes)
        {
            return $"is longer than the {rules.MaxBytes} bytes that a topic of {rules.Name} may have";
        }

        return parts.Where(part => part.Variable is TopicVariable.None).Select(part => rules.Complaint(part.Literal)).FirstOrDefault(complaint => complaint is not null);
    }

    /// <summary>Fixed text, or a variable.</summary>
    private readonly record struct Part(string Literal, TopicVariable Variable);
}
