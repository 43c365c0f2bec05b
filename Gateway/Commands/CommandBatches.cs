using System.Text.Json;

namespace Gateway.Commands;

/// <summary>
/// Many commands in one request: each is judged as if it had come alone, and those of one device are queued in the order in which they stand.
/// They are handed in many at a time, so that the journal makes hundreds durable with one sync.
/// </summary>
internal sealed class CommandBatches(CommandConsumer consumer)
{
    /// <summary>How many commands a batch may have.</summary>
    public const int MostCommands = 10_000;

    /// <summary>How many bytes its body may have.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    private const int AtOnce = 1024;

    /// <summary>The commands of a JSON array, as they stand there.</summary>
    /// <exception cref="JsonException">It is no JSON, or no array. Nothing of it is a command then.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> OfArray(ReadOnlyMemory<byte> json)
    {
        var commands = new List<ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(json.Span);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartArray)
        {
            throw new JsonException("a batch is a JSON array of commands", "$", 0, 0);
        }

        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            commands.Add(json[start..(int)reader.BytesConsumed]);
        }

        // What stands behind the array is found by reading on.
        reader.Read();
        return commands;
    }

    /// <summary>The commands of a text with one JSON object in each line (NDJSON); empty lines are passed over.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> OfLines(ReadOnlyMemory<byte> text)
    {
        var commands = new List<ReadOnlyMemory<byte>>();
        foreach (var line in text.Span.Split((byte)'\n'))
        {
            var trimmed = text[line].Trim(" \t\r"u8);
            if (!trimmed.IsEmpty)
            {
                commands.Add(trimmed);
            }
        }

        return commands;
    }

    /// <summary>Takes commands in.</summary>
    /// <returns>What became of each, in the same order.</returns>
    public async Task<IReadOnlyList<SubmitResult>> SubmitAsync(IReadOnlyList<ReadOnlyMemory<byte>> commands, CancellationToken cancellation)
    {
        var results = new SubmitResult[commands.Count];
        var ofDevices = new Dictionary<string, List<(int Place, CommandRequest Request)>>(StringComparer.Ordinal);
        var repeated = new List<(int Place, CommandRequest Request)>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < results.Length; i++)
        {
            if (Read(commands[i].Span, out var malformed) is not { } request)
            {
                results[i] = malformed!;
            }
            else if (request.RequestId is { } id && !ids.Add(id))
            {
                repeated.Add((i, request));
            }
            else if (ofDevices.TryGetValue(request.DeviceId ?? "", out var others))
            {
                others.Add((i, request));
            }
            else
            {
                ofDevices.Add(request.DeviceId ?? "", [(i, request)]);
            }
        }

        var degree = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(ofDevices.Values, degree, async (ofDevice, end) => await SubmitAsync(ofDevice, results, end));

        // Of two with the same request id the second is judged by what became of the first.
        await SubmitAsync(repeated, results, cancellation);
        return results;
    }

    private async Task SubmitAsync(List<(int Place, CommandRequest Request)> requests, SubmitResult[] results, CancellationToken cancellation)
    {
        foreach (var (place, request) in requests)
        {
            results[place] = await consumer.SubmitAsync(request, cancellation);
        }
    }

    private static CommandRequest? Read(ReadOnlySpan<byte> json, out SubmitResult? malformed)
    {
        malformed = null;
        if (json.Length > CommandRequest.MaxBytes)
        {
            malformed = SubmitResult.Refused(SubmitOutcome.TooLarge, "", $"a command has at most {CommandRequest.MaxBytes} bytes");
            return null;
        }

        var request = CommandRequest.Read(json, out var problem);
        malformed = request is null ? new SubmitResult(SubmitOutcome.Malformed, null, [problem!]) : null;
        return request;
    }
}
