using System.Globalization;
using System.Text.Json;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>Takes over what a script's <c>commands</c> returned: checked, and copied into the gateway's own types.</summary>
internal static class CatalogIntake
{
    private const int MostCommands = 256;
    private const int LongestName = 128;
    private const int LongestDescription = 2000;
    private const int LongestJson = 64 << 10;

    /// <summary>The catalogue. Exceptions of the script come through.</summary>
    /// <param name="returned">What the script returned.</param>
    /// <param name="passed">Whether the same image has passed before: then its schemas and examples need not be looked at again.</param>
    /// <exception cref="CatalogException">It can't be used.</exception>
    public static CommandCatalog Take(IEnumerable<CommandDescription?>? returned, bool passed)
    {
        if (returned is null)
        {
            throw new CatalogException(ScriptProblemCode.UnusableCatalog, "commands returned null; when there are none it must return an empty list");
        }

        var commands = new List<CatalogCommand>();
        foreach (var description in returned)
        {
            if (commands.Count == MostCommands)
            {
                throw new CatalogException(ScriptProblemCode.UnusableCatalog, $"commands returned more than {MostCommands} commands");
            }

            if (description is null || string.IsNullOrWhiteSpace(description.Type) || description.Type.Length > LongestName)
            {
                throw new CatalogException(
                    ScriptProblemCode.UnusableCatalog,
                    string.Create(CultureInfo.InvariantCulture, $"commands returned as number {commands.Count + 1} one without a type of 1 to {LongestName} characters"));
            }

            if (commands.Any(known => known.Type == description.Type))
            {
                throw new CatalogException(ScriptProblemCode.CommandListedTwice, $"commands lists {Warnings.OneLine(description.Type)} twice");
            }

            commands.Add(Own(description, passed));
        }

        return new CommandCatalog(commands);
    }

    private static CatalogCommand Own(CommandDescription description, bool passed)
    {
        var type = Warnings.OneLine(description.Type);
        if (description.Description?.Length > LongestDescription)
        {
            throw new CatalogException(ScriptProblemCode.UnusableCatalog, $"the description of {type} is longer than {LongestDescription} characters");
        }

        var schema = Json(description.Schema, ScriptProblemCode.InvalidSchema, $"the schema of {type}");
        var example = Json(description.Example, ScriptProblemCode.InvalidExample, $"the example of {type}");
        var command = new CatalogCommand(description.Type, description.Description, schema, example);
        if (!passed)
        {
            Check(command, type);
        }

        return command;
    }

    private static void Check(CatalogCommand command, string type)
    {
        try
        {
            if (command.ProblemsOfExample() is { Count: > 0 } problems)
            {
                throw new CatalogException(ScriptProblemCode.InvalidExample, $"the example of {type} does not fit the schema: {string.Join("; ", problems)}");
            }
        }
        catch (SchemaException exception)
        {
            throw new CatalogException(ScriptProblemCode.InvalidSchema, $"the schema of {type} can't be used: {exception.Message}");
        }
    }

    private static JsonElement? Json(string? text, string code, string what)
    {
        if (text is null)
        {
            return null;
        }

        if (text.Length > LongestJson)
        {
            throw new CatalogException(code, $"{what} is longer than {LongestJson} characters");
        }

        try
        {
            var json = JsonElement.Parse(text);
            return IsText(json) ? json : throw new CatalogException(code, $"{what} has a text that is no Unicode");
        }
        catch (JsonException exception)
        {
            throw new CatalogException(code, $"{what} is no JSON: {exception.Message}");
        }
    }

    // The parser takes "\ud800" for good; reading it as a text throws.
    private static bool IsText(JsonElement json)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.Object => json.EnumerateObject().All(member => member.Name is not null && IsText(member.Value)),
                JsonValueKind.Array => json.EnumerateArray().All(IsText),
                JsonValueKind.String => json.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}

/// <summary>Says what is wrong with a script's catalogue.</summary>
/// <param name="code">One of <see cref="ScriptProblemCode"/>.</param>
/// <param name="message">What is wrong, and what would be right.</param>
internal sealed class CatalogException(string code, string message) : Exception(message)
{
    /// <summary>One of <see cref="ScriptProblemCode"/>.</summary>
    public string Code => code;
}
