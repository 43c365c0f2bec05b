using System.Text.Json;

namespace Gateway.Scripting;

/// <summary>One keyword of a JSON schema, ready to look at a value.</summary>
/// <param name="value">The value.</param>
/// <param name="at">Its JSON pointer.</param>
/// <param name="run">Where to say what is wrong.</param>
internal delegate void SchemaRule(JsonElement value, string at, SchemaRun run);

/// <summary>A JSON schema or a part of one: what a value must be to fit.</summary>
internal sealed class SchemaNode
{
    /// <summary>Its keywords.</summary>
    public List<SchemaRule> Rules { get; } = [];

    /// <summary>The schemas that the same value must fit as well, for finding those that lead to themselves.</summary>
    public List<SchemaNode> InPlace { get; } = [];

    /// <summary>Looks at a value.</summary>
    public void Check(JsonElement value, string at, SchemaRun run)
    {
        if (!run.Enter())
        {
            return;
        }

        foreach (var rule in Rules)
        {
            rule(value, at, run);
        }

        run.Leave();
    }

    /// <summary>Whether the schema leads to itself without going deeper into the value, which no value could be checked against.</summary>
    public bool IsEndless(HashSet<SchemaNode> ended, HashSet<SchemaNode> underWay)
    {
        if (ended.Contains(this) || !underWay.Add(this))
        {
            return !ended.Contains(this);
        }

        var isEndless = InPlace.Any(part => part.IsEndless(ended, underWay));
        underWay.Remove(this);
        ended.Add(this);
        return isEndless;
    }
}
