using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.Cli;

/// <summary>What people type for a call, and what becomes of it: a path with its query, headers and a body.</summary>
internal sealed partial class CallInput
{
    private const string Root = "api/v1";

    private readonly Call _call;
    private readonly List<(string Name, Argument<string> Argument)> _places;
    private readonly List<(Field Field, Argument<string> Argument)> _arguments;
    private readonly List<(Field Field, Option Option)> _options;
    private readonly Option<string?> _data = new("--data") { Description = "JSON of the body: the text, @FILE, or - for standard input. Other options are laid over it." };
    private readonly Argument<string> _file = new("file") { Description = "The file; - is standard input." };

    public CallInput(Call call)
    {
        _call = call;
        _places = [.. Place().Matches(call.Path).Select(match => (match.Groups[1].Value, new Argument<string>(match.Groups[1].Value.Replace('_', '-'))))];
        _arguments = [.. from field in call.Fields where field.Kind is FieldKind.Argument select (field, new Argument<string>(field.Name.Replace('_', '-')) { Description = field.Description })];
        _options = [.. from field in call.Fields where field.Kind is not (FieldKind.Argument or FieldKind.Fixed) select (field, OptionOf(field))];
    }

    private bool HasBody => _call.Method != HttpMethod.Get && _call.Method != HttpMethod.Delete;

    public void AddTo(Command command)
    {
        _places.ForEach(place => command.Arguments.Add(place.Argument));
        _arguments.ForEach(argument => command.Arguments.Add(argument.Argument));
        _options.ForEach(option => command.Options.Add(option.Option));
        if (_call.Body is BodyKind.File)
        {
            command.Arguments.Add(_file);
        }
        else if (HasBody)
        {
            command.Options.Add(_data);
        }
    }

    /// <summary>The path with its query.</summary>
    public string PathOf(ParseResult result)
    {
        var path = _places.Aggregate(Root + _call.Path, (text, place) => text.Replace($"{{{place.Name}}}", Uri.EscapeDataString(result.GetValue(place.Argument)!), StringComparison.Ordinal));
        var fixedOnes = _call.Fields.Where(field => field.Kind is FieldKind.Fixed).Aggregate(path, (text, field) => With(text, field.Name, field.Default));
        return _options.Where(option => option.Field.Kind is FieldKind.Query)
            .Aggregate(fixedOnes, (text, option) => With(text, option.Field.Name, result.GetValue((Option<string?>)option.Option)));
    }

    /// <summary>Headers of the call's own.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> HeadersOf(ParseResult result)
    {
        var given = _options.Where(option => option.Field.Kind is FieldKind.Header && result.GetValue((Option<string?>)option.Option) is not null)
            .Select(option => KeyValuePair.Create(option.Field.Name, result.GetValue((Option<string?>)option.Option)!)).ToList();
        return given.Count > 0 ? given : [.. from option in _options where option.Field is { Kind: FieldKind.Header, Default: not null } select KeyValuePair.Create(option.Field.Name, option.Field.Default!)];
    }

    /// <summary>The body; null for none.</summary>
    /// <exception cref="JsonException"><c>--data</c> is no JSON object.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public async Task<HttpContent?> ContentAsync(ParseResult result, CancellationToken cancellation)
    {
        if (_call.Body is BodyKind.File)
        {
            var file = result.GetValue(_file)!;
            var type = _call.ContentTypes.GetValueOrDefault(Path.GetExtension(file).ToLowerInvariant(), _call.ContentType);
            return new StreamContent(file == "-" ? Console.OpenStandardInput() : File.OpenRead(file)) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        }

        var body = result.GetValue(_data) is { } data && HasBody ? await ReadAsync(data, cancellation) : null;
        foreach (var (field, argument) in _arguments)
        {
            body ??= [];
            body[field.Name] = result.GetValue(argument);
        }

        foreach (var (field, option) in _options.Where(option => option.Field.Kind is not (FieldKind.Query or FieldKind.Header) && result.GetResult(option.Option) is { Implicit: false }))
        {
            body ??= [];
            body[field.Name] = await ValueOfAsync(result, field, option, cancellation);
        }

        return body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, _call.ContentType);
    }

    /// <summary>A path with one more parameter in its query; without it when there is no value.</summary>
    public static string With(string path, string name, string? value) =>
        value is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={Uri.EscapeDataString(value)}";

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

    private static async Task<JsonNode?> ValueOfAsync(ParseResult result, Field field, Option option, CancellationToken cancellation) => field.Kind switch
    {
        FieldKind.Number => JsonValue.Create(result.GetValue((Option<double>)option)),
        FieldKind.Flag => JsonValue.Create(true),
        FieldKind.Json => JsonNode.Parse(result.GetValue((Option<string?>)option)!),
        FieldKind.Texts => new JsonArray([.. result.GetValue((Option<string[]>)option)!.Select(text => (JsonNode)text)]),
        FieldKind.FileText => await File.ReadAllTextAsync(result.GetValue((Option<string?>)option)!, cancellation),
        _ => JsonValue.Create(result.GetValue((Option<string?>)option)),
    };

    private static Option OptionOf(Field field)
    {
        Option option = field.Kind switch
        {
            FieldKind.Texts => new Option<string[]>(field.Option),
            FieldKind.Number => new Option<double>(field.Option),
            FieldKind.Flag => new Option<bool>(field.Option),
            FieldKind.Json => JsonOption(field),
            _ => new Option<string?>(field.Option),
        };
        (option.Description, option.Required) = (field.Description, field.IsRequired);
        return option;
    }

    private static Option<string?> JsonOption(Field field)
    {
        var option = new Option<string?>(field.Option);
        option.Validators.Add(result =>
        {
            try
            {
                JsonNode.Parse(result.GetValueOrDefault<string?>() ?? "null");
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
