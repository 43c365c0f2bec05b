using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary>A command that is made of a call.</summary>
internal sealed class CallCommand : Command
{
    private const int LargestPage = 1000;
    private const int UsualRows = 100;

    private readonly Call _call;
    private readonly ClientOptions _client = new();
    private readonly CallInput _input;
    private readonly Option<int> _limit = new("--limit", "-l") { Description = "How many to show at most.", DefaultValueFactory = _ => UsualRows };

    public CallCommand(Call call)
        : base(call.Name, call.Description)
    {
        (_call, _input) = (call, new CallInput(call));
        _input.AddTo(this);
        if (IsListing)
        {
            Options.Add(_limit);
        }

        _client.AddTo(this);
        SetAction((result, cancellation) => _client.RunAsync(result, (client, terminal) => RunAsync(result, client, terminal, cancellation)));
    }

    /// <summary>What it asks.</summary>
    public Call Call => _call;

    private bool IsListing => _call.Columns.Count > 0;

    /// <summary>A command that has others below it.</summary>
    public static Command Group(string name, string description, params IEnumerable<Call> calls)
    {
        var group = new Command(name, description);
        foreach (var call in calls)
        {
            group.Subcommands.Add(new CallCommand(call));
        }

        return group;
    }

    private async Task<int> RunAsync(ParseResult result, GatewayClient client, Terminal terminal, CancellationToken cancellation)
    {
        var path = _input.PathOf(result);
        if (IsListing)
        {
            terminal.Table(await RowsAsync(client, path, result.GetValue(_limit), cancellation), _call.Columns);
            return ExitCode.Success;
        }

        HttpContent? content;
        try
        {
            content = await _input.ContentAsync(result, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            await terminal.Error.WriteLineAsync(e is JsonException ? $"--data is no JSON object: {e.Message}" : e.Message);
            return ExitCode.Usage;
        }

        var request = new GatewayRequest(_call.Method, path, content, _input.HeadersOf(result));
        try
        {
            return await SendAsync(request);
        }
        catch (GatewayRefusalException e) when (e.Status is HttpStatusCode.PreconditionRequired && content is not StreamContent)
        {
            // Whoever replaces something on the command line means it, whatever version of it is there.
            return await SendAsync(request with { Content = await _input.ContentAsync(result, cancellation), Headers = [KeyValuePair.Create("If-Match", "*")] });
        }

        Task<int> SendAsync(GatewayRequest ask) => client.SendAsync(ask, response => ShowAsync(response, terminal, cancellation), cancellation);
    }

    // JSON is shown; a script, CSV and lines of JSON go through as they come.
    private async Task<int> ShowAsync(HttpResponseMessage response, Terminal terminal, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentType?.MediaType is null or "application/json")
        {
            var text = await response.Content.ReadAsStringAsync(cancellation);
            terminal.Document(text.Length > 0 ? JsonNode.Parse(text) : terminal.IsJson ? null : JsonValue.Create(_call.Done));
            return ExitCode.Success;
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            await terminal.Output.WriteLineAsync(line);
        }

        return ExitCode.Success;
    }

    // Page after page, as far as rows are wanted: what one gives as next is where the following one begins.
    private async Task<JsonArray> RowsAsync(GatewayClient client, string path, int limit, CancellationToken cancellation)
    {
        var rows = new JsonArray();
        string? next = null;
        do
        {
            var page = _call.HasLimit || _call.Cursor is not null ? CallInput.With(path, "limit", Math.Clamp(limit - rows.Count, 1, LargestPage).ToString(CultureInfo.InvariantCulture)) : path;
            page = _call.Cursor is { } cursor ? CallInput.With(page, cursor, next) : page;
            var answer = await client.AskAsync(HttpMethod.Get, page, null, cancellation);
            foreach (var row in ((answer is JsonObject list ? list[_call.List ?? "items"] : answer) as JsonArray ?? []).Take(limit - rows.Count))
            {
                rows.Add(row?.DeepClone());
            }

            next = _call.Cursor is null || rows.Count >= limit ? null : (answer as JsonObject)?["next"]?.ToString();
        }
        while (next is not null);

        return rows;
    }
}
