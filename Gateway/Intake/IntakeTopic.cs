using Gateway.Sinks;

namespace Gateway.Intake;

/// <summary>A topic with a place for a device, such as <c>devices/{device_id}/commands</c>: read to subscribe, and to find the device in a name.</summary>
internal sealed class IntakeTopic
{
    private const string Variable = "{device_id}";

    private readonly string[] _levels;
    private readonly TopicRules _rules;
    private readonly int _device;

    private IntakeTopic(string text, TopicRules rules)
    {
        (_levels, _rules) = (text.Split(rules.Separator), rules);
        _device = Array.IndexOf(_levels, Variable);
    }

    /// <param name="text">A template without problems.</param>
    /// <param name="rules">Those of its broker.</param>
    public static IntakeTopic Parse(string text, TopicRules rules) => new(text, rules);

    /// <summary>What is wrong with a template; null when nothing is.</summary>
    public static string? Problem(string text, TopicRules rules)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return "must not be empty";
        }

        var without = text.Replace(Variable, "x", StringComparison.Ordinal);
        return without.Contains('{', StringComparison.Ordinal) ? $"takes the variable {Variable} and no other"
            : TopicTemplate.Problem(text, rules) is { } problem ? problem
            : text.Split(rules.Separator).Count(level => level.Contains(Variable, StringComparison.Ordinal)) is var places && places > 1 ? $"has {Variable} twice"
            : places == 1 && !text.Split(rules.Separator).Contains(Variable) ? $"must have {Variable} as a whole level: \"{rules.Separator}\" stands around it"
            : null;
    }

    /// <summary>What to subscribe to.</summary>
    /// <param name="one">What stands for any one level.</param>
    public string Filter(string one) => string.Join(_rules.Separator, _levels.Select((level, index) => index == _device ? one : level));

    /// <summary>Whether a name is one of these topics.</summary>
    /// <param name="name">The name of a topic.</param>
    /// <param name="device">The device that it names; null when it names none.</param>
    public bool Matches(string name, out string? device)
    {
        device = null;
        var levels = name.Split(_rules.Separator);
        if (levels.Length != _levels.Length || levels.Where((level, index) => index != _device && level != _levels[index]).Any())
        {
            return false;
        }

        // The sinks write "_" where there is no device, and escape what a topic can't have.
        device = _device < 0 || levels[_device] is "_" ? null : Uri.UnescapeDataString(levels[_device]);
        return true;
    }

    /// <summary>The topic of a device, or of none; null when it would be longer than the broker allows.</summary>
    public string? Of(string? device)
    {
        var name = string.Join(_rules.Separator, _levels.Select((level, index) => index == _device ? _rules.Escape(device) : level));
        return System.Text.Encoding.UTF8.GetByteCount(name) <= _rules.MaxBytes ? name : null;
    }
}
