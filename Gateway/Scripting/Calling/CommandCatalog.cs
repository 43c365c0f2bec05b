using System.Text.Json;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>The commands that a script says it knows. Immutable; nothing in it is of the script's own types.</summary>
/// <param name="Commands">They, in the script's order.</param>
internal sealed record CommandCatalog(IReadOnlyList<CatalogCommand> Commands)
{
    /// <summary>That of a script that does not say.</summary>
    public static readonly CommandCatalog Empty = new([]);

    /// <summary>
    /// What is against a command by its type's schema: all that is wrong, with JSON pointers into the command. Null when there is nothing,
    /// or when the type has no schema or is not listed: then the script's <c>format_command</c> decides alone.
    /// </summary>
    public ScriptFailure? Refusal(Command command) =>
        Commands.FirstOrDefault(known => known.Type == command.CommandType)?.Problems(command.Payload) is { Count: > 0 } problems
            ? new ScriptFailure(ScriptFailureKind.InvalidCommand, string.Join("; ", problems))
            : null;
}

/// <summary>One command of a catalogue.</summary>
/// <param name="Type">The command's type.</param>
/// <param name="Description">What it does; null when the script does not say.</param>
/// <param name="Schema">What its payload must be, as the script wrote it; null when anything may be tried.</param>
/// <param name="Example">A payload that fits; null for none.</param>
internal sealed record CatalogCommand(string Type, string? Description, JsonElement? Schema, JsonElement? Example)
{
    // Its patterns take long to make, and a start has no command to check.
    private readonly Lazy<SchemaNode?> _schema = new(() => Schema is { } schema ? SchemaReader.Read(schema) : null);

    /// <summary>What is wrong with the example; nothing when there is none.</summary>
    /// <exception cref="SchemaException">The schema can't be used.</exception>
    public IReadOnlyList<SchemaRun.Problem> ProblemsOfExample() => _schema.Value is { } schema && Example is { } example ? Problems(schema, example) : [];

    /// <summary>What is wrong with a payload, each with its JSON pointer; the first few.</summary>
    public IReadOnlyList<SchemaRun.Problem> Problems(JsonElement payload)
    {
        try
        {
            return _schema.Value is { } schema ? Problems(schema, payload) : [];
        }
        catch (SchemaException exception)
        {
            // A script may say something else than it did when its catalogue was looked at.
            return [new("/payload", $"can't be checked, for the script's schema can't be used: {exception.Message}")];
        }
    }

    private static IReadOnlyList<SchemaRun.Problem> Problems(SchemaNode schema, JsonElement payload)
    {
        var run = new SchemaRun();
        schema.Check(payload, "/payload", run);
        return run.IsTooMuch ? [new("/payload", "is too long or too deep to be checked")] : run.Problems;
    }
}
