using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.Cli;

/// <summary>Makes a command of a call.</summary>
internal sealed partial class CallCommand
{
    private const string Root = "api/v1";
    private const int LargestPage = 1000;
    private const int UsualRows = 100;

    private readonly Call _call;
    private readonly ClientOptions _client = new();
    private readonly List<Argument<string>> _places;
    private readonly List<(Field Field, Option Option)> _fields;
    private readonly Option<string?> _data = new("--data") { Description = "JSON of the body: the text, @FILE, or - for standard input. Other options are laid over it." };
    private readonly Argument<string> _file = new("file") { Description = "The file; - is standard input." };
    private readonly Option<int> _limit = new("--limit", "-l") { Description = "How many to show at most.", DefaultValueFactory = _ => UsualRows };

    private CallCommand(Call call)
    {
        _call = call;
        _places = [.. Place().Matches(call.Path).Select(match => new Argument<string>(match.Groups[1].Value.Replace('_', '-')))];
        _fields = [.. call.Fields.Select(field => (field, OptionOf(field)))];
    }

    /// <summary>Whether rows come a page at a time.</summary>
    private bool IsListing => _call.Columns.Count > 0;

    /// <summary>The command of a call.</summary>
    public static Command Of(Call call) => new CallCommand(call).Create();

    /// <summary>A command that has others below it.</summary>
    public static Command Group(string name, string description, params IEnumerable<Call> calls)
    {
        var group = new Command(name, description);
        foreach (var call in calls)
        {
            group.Subcommands.Add(Of(call));
        }

        return group;
    }

    private Command Create()
    {
        var command = new Command(_call.Name, _call.Description);
        _places.ForEach(command.Arguments.Add);
        _fields.ForEach(field => command.Options.Add(field.Option));
        if (_call.Body is BodyKind.File)
        {
            command.Arguments.Add(_file);
        }
        else if (_call.Method != HttpMethod.Get && _call.Method != HttpMethod.Delete)
        {
            command.Options.Add(_data);
        }

        if (IsListing)
        {
            command.Options.Add(_limit);
        }

        _client.AddTo(command);
        command.SetAction((result, cancellation) => _client.RunAsync(result, (client, terminal) => RunAsync(result, client, terminal, cancellation)));
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, GatewayClient client, Terminal terminal, CancellationToken cancellation)
    {
        var path = PathOf(result);
        if (IsListing)
        {
            terminal.Table(await RowsAsync(client, path, result.GetValue(_limit), cancellation), _call.Columns);
            return ExitCode.Success;
        }

        HttpContent? content;
        try
        {
            content = await ContentAsync(result, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            await terminal.Error.WriteLineAsync(e is JsonException ? $"--data is no JSON object: {e.Message}" : e.Message);
            return ExitCode.Usage;
        }

        if (_call.IsText)
        {
            return await client.SendAsync(_call.Method, path, content, response => CopyAsync(response, terminal.Output, cancellation), cancellation);
        }

        var text = await client.SendAsync(_call.Method, path, content, response => response.Content.ReadAsStringAsync(cancellation), cancellation);
        return Show(text, terminal);
    }

    private int Show(string text, Terminal terminal)
    {
        if (text.Length == 0)
        {
            terminal.Document(terminal.IsJson ? null : JsonValue.Create(_call.Done));
        }
        else
        {
            terminal.Document(JsonNode.Parse(text));
        }

        return ExitCode.Success;
    }

    private static async Task<int> CopyAsync(HttpResponseMessage response, TextWriter output, CancellationToken cancellation)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            await output.WriteLineAsync(line);
        }

        return ExitCode.Success;
    }

    // Page after page, as far as rows are wanted: the cursor of one is where the next begins.
    private async Task<JsonArray> RowsAsync(GatewayClient client, string path, int limit, CancellationToken cancellation)
    {
        var rows = new JsonArray();
        for (string? next = null; ;)
        {
            var asked = IsPaged ? With(With(path, "limit", Math.Clamp(limit - rows.Count, 1, LargestPage).ToString(CultureInfo.InvariantCulture)), Cursor, next) : path;
            var answer = await client.AskAsync(HttpMethod.Get, asked, null, cancellation);
            var list = (answer is JsonObject page ? page[_call.List ?? "items"] : answer) as JsonArray ?? [];
            foreach (var row in list.Take(limit - rows.Count))
            {
                rows.Add(row?.DeepClone());
            }

            next = IsPaged && rows.Count < limit ? (answer as JsonObject)?["next"]?.ToString() : null;
            if (next is null)
            {
                return rows;
            }
        }
    }

    private bool IsPaged => _call.Cursor is not null;

    private string Cursor => _call.Cursor!;

    private string PathOf(ParseResult result)
    {
        var path = _places.Aggregate(_call.Path, (text, place) => text.Replace($"{{{place.Name.Replace('-', '_')}}}", Uri.EscapeDataString(result.GetValue(place)!), StringComparison.Ordinal));
        return _fields.Where(field => field.Field.Kind is FieldKind.Query)
            .Aggregate(Root + path, (text, field) => ((IReadOnlyList<string>)result.GetValue((Option<string[]>)field.Option)!).Aggregate(text, (with, value) => With(with, field.Field.Name, value)));
    }

    private static string With(string path, string name, string? value) =>
        value is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={Uri.EscapeDataString(value)}";

    private async Task<HttpContent?> ContentAsync(ParseResult result, CancellationToken cancellation)
    {
        if (_call.Body is BodyKind.File)
        {
            var file = result.GetValue(_file)!;
            var stream = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            return new StreamContent(stream) { Headers = { ContentType = new MediaTypeHeaderValue(_call.ContentType) } };
        }

        var body = result.GetValue(_data) is { } data ? await ReadAsync(data, cancellation) : null;
        foreach (var (field, option) in _fields.Where(field => field.Field.Kind is not FieldKind.Query && result.GetResult(field.Option) is { Implicit: false }))
        {
            body ??= [];
            body[field.Name] = ValueOf(result, field, option);
        }

        return body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, _call.ContentType);
    }

    private static async Task<JsonObject> ReadAsync(string data, CancellationToken cancellation)
    {
        var text = data switch
        {
            "-" => await Console.In.ReadToEndAsync(cancellation),
            ['@', .. var file] => await File.ReadAllTextAsync(file, cancellation),
            _ => data,
        };
        return JsonNode.Parse(text) as JsonObject ?? throw new JsonException("it must be an object");
    }

    private static JsonNode? ValueOf(ParseResult result, Field field, Option option) => field.Kind switch
    {
        FieldKind.Number => JsonValue.Create(result.GetValue((Option<double>)option)),
        FieldKind.Flag => JsonValue.Create(true),
        FieldKind.Json => JsonNode.Parse(result.GetValue((Option<string>)option)!),
        FieldKind.Texts => new JsonArray([.. result.GetValue((Option<string[]>)option)!.Select(text => (JsonNode)text)]),
        _ => JsonValue.Create(result.GetValue((Option<string>)option)),
    };

    private static Option OptionOf(Field field)
    {
        Option option = field.Kind switch
        {
            FieldKind.Query or FieldKind.Texts => new Option<string[]>(field.Option) { DefaultValueFactory = _ => [] },
            FieldKind.Number => new Option<double>(field.Option),
            FieldKind.Flag => new Option<bool>(field.Option),
            FieldKind.Json => JsonOption(field),
            _ => new Option<string>(field.Option),
        };
        (option.Description, option.Required) = (field.Description, field.IsRequired);
        return option;
    }

    private static Option<string> JsonOption(Field field)
    {
        var option = new Option<string>(field.Option);
        option.Validators.Add(result =>
        {
            try
            {
                JsonNode.Parse(result.GetValueOrDefault<string>() ?? "null")?.ToString();
            }
            catch (JsonException e)
            {
                result.AddError($"{field.Option} is no JSON: {e.Message}");
            }
        });
        return option;
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Place();
}
