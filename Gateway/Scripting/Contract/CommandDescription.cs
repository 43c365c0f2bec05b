using System.Diagnostics.CodeAnalysis;

namespace Gateway.Scripting.Contract;

/// <summary>One command that a script knows: what its <c>commands</c> lists, for the validation of payloads, for people and for forms.</summary>
/// <param name="type">The <see cref="Command.CommandType"/>, such as <c>config_update</c>; each type is listed once.</param>
public sealed class CommandDescription(string type)
{
    /// <summary>The <see cref="Command.CommandType"/>.</summary>
    public string Type { get; } = type;

    /// <summary>What the command does, in a sentence; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// What the payload must be: a JSON schema (draft 2020-12), best written as a raw string. A command whose payload does not fit is refused
    /// before <c>format_command</c> is called. Null when any payload may be tried.
    /// The keywords are <c>type, enum, const, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, minLength, maxLength, pattern,
    /// required, properties, additionalProperties, minProperties, maxProperties, items, prefixItems, minItems, maxItems, uniqueItems, allOf, anyOf, oneOf, not,
    /// $ref</c> to <c>#</c> or <c>#/$defs/…</c>, and those that only describe; with any other the script is refused.
    /// </summary>
    [StringSyntax(StringSyntaxAttribute.Json)]
    public string? Schema { get; init; }

    /// <summary>A payload as an example, in JSON; it has to fit the schema. Null for none.</summary>
    [StringSyntax(StringSyntaxAttribute.Json)]
    public string? Example { get; init; }
}
