using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Gateway.Cli;

/// <summary>Shows a gateway's answers: as tables for people, or as the JSON that came for programs.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error, where whatever is no result goes.</param>
/// <param name="isJson">Whether results are JSON.</param>
internal sealed class Terminal(TextWriter output, TextWriter error, bool isJson)
{
    // Where nobody looks at it, a table is as wide as what is in it.
    private const int Unlimited = 4000;

    private readonly IAnsiConsole _output = ConsoleOf(output);
    private readonly IAnsiConsole _error = ConsoleOf(error);

    public TextWriter Output => output;

    public TextWriter Error => error;

    public bool IsJson => isJson;

    /// <summary>Whether somebody looks at standard error who can be shown a bar.</summary>
    public bool DrawsBars => _error.Profile.Out.IsTerminal && _error.Profile.Capabilities.Interactive;

    /// <summary>Objects as lines of a table.</summary>
    public void Table(JsonArray rows, IReadOnlyList<Column> columns)
    {
        if (isJson)
        {
            output.WriteLine(rows.ToJsonString());
            return;
        }

        if (rows.Count == 0)
        {
            error.WriteLine("there are none");
            return;
        }

        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column.Title, new Style(decoration: Decoration.Bold))) { NoWrap = column == columns[0], Padding = new Padding(0, 0, 2, 0) });
        }

        foreach (var row in rows)
        {
            table.AddRow(columns.Select(column => new Text(Show(column.Of(row)))));
        }

        _output.Write(table);
    }

    /// <summary>One object, a line for each member; what is within members is indented.</summary>
    public void Document(JsonNode? document)
    {
        if (isJson)
        {
            output.WriteLine(document?.ToJsonString() ?? "null");
        }
        else
        {
            Lines(document, "");
        }
    }

    /// <summary>Does long work, and shows how far it is: on standard error, where it is in nobody's way.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="work">Is given whom to tell how much of how much is done.</param>
    public Task<T> ProgressAsync<T>(string title, Func<Action<double, double>, Task<T>> work)
    {
        if (isJson || !DrawsBars)
        {
            return work((_, _) => { });
        }

        var progress = _error.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());
        return progress.StartAsync(context =>
        {
            var task = context.AddTask(Markup.Escape(title), maxValue: 1);
            return work((done, total) => (task.MaxValue, task.Value) = (Math.Max(total, 1), Math.Min(done, total)));
        });
    }

    /// <summary>Shows something that changes in place, as long as work is done: on standard error, as progress is. It is gone in the end.</summary>
    /// <param name="look">How it looks now.</param>
    /// <param name="work">Is given how to show it anew.</param>
    public Task LiveAsync(Func<Table> look, Func<Action, Task> work) =>
        _error.Live(look()).AutoClear(true).StartAsync(context => work(() => context.UpdateTarget(look())));

    /// <summary>Writes a table that is not made of JSON.</summary>
    public void Write(Table table) => _output.Write(table);

    /// <summary>A text that may repeat what a device has sent, which must not steer the terminal.</summary>
    public static string Printable(string text) => string.Concat(text.Select(character => char.IsControl(character) && character is not '\n' ? ' ' : character));

    private static IAnsiConsole ConsoleOf(TextWriter writer)
    {
        var place = new AnsiConsoleOutput(writer);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = place, Ansi = place.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No });
        if (!place.IsTerminal)
        {
            console.Profile.Width = Unlimited;
        }

        return console;
    }

    private void Lines(JsonNode? node, string indent)
    {
        switch (node)
        {
            case JsonObject members:
                var width = members.Select(member => member.Key.Length).DefaultIfEmpty().Max();
                foreach (var (name, value) in members)
                {
                    Member(name.PadRight(width), value, indent);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Member("-", item, indent);
                }

                break;
            default:
                output.WriteLine($"{indent}{Show(node)}");
                break;
        }
    }

    private void Member(string name, JsonNode? value, string indent)
    {
        if (value is JsonObject { Count: > 0 } || (value is JsonArray array && array.Any(item => item is JsonObject or JsonArray)))
        {
            output.WriteLine($"{indent}{name.TrimEnd()}");
            Lines(value, indent + "  ");
        }
        else
        {
            output.WriteLine($"{indent}{name}  {Show(value)}".TrimEnd());
        }
    }

    private static string Show(JsonNode? value) => Printable(value switch
    {
        null => "",
        JsonArray items => string.Join(", ", items.Select(Show)),
        JsonValue text when text.TryGetValue(out string? known) => Instant(known),
        _ => value.ToJsonString(),
    });

    // As it came, but for parts of a second that nobody reads.
    private static string Instant(string text) =>
        text.Length > 19 && text[10] == 'T' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : text;
}

/// <summary>A column of a table.</summary>
/// <param name="Title">Its head.</param>
/// <param name="Path">Where its value is in the row: <c>command.command_type</c>.</param>
internal sealed record Column(string Title, string Path)
{
    /// <summary>A column whose head is its member's name.</summary>
    public static implicit operator Column(string path) => new(path.Split('.')[^1].Replace('_', ' '), path);

    /// <summary>The value of a row; null when there is none.</summary>
    public JsonNode? Of(JsonNode? row) => Path.Split('.').Aggregate(row, (node, name) => node is JsonObject members ? members[name] : null);
}
