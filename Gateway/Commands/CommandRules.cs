using System.Text;
using System.Text.Json;

namespace Gateway.Commands;

/// <summary>What a command must be to be taken in: one set of rules, with one set of texts, whichever way it came.</summary>
internal static class CommandRules
{
    /// <summary>How many characters a name may have: a request id, a type, a key.</summary>
    public const int MaxTextLength = 128;

    private const int MaxPayloadBytes = 64 * 1024;
    private const int MaxMetadata = 64;
    private const int MaxMetadataLength = 1024;
    private const int MostAttempts = 100;
    private const double LongestTtl = 10 * 365 * 86_400d;

    public static IEnumerable<CommandProblem> ProblemsOf(CommandRequest request, DateTimeOffset now) =>
        ProblemsOfNames(request).Concat(ProblemsOfContent(request)).Concat(ProblemsOfTimes(request, now));

    private static IEnumerable<CommandProblem> ProblemsOfNames(CommandRequest request)
    {
        if (request.RequestId is { } id && (id.Length is 0 or > MaxTextLength || id.Any(c => char.IsControl(c) || c == '/')))
        {
            yield return new("request_id", $"a request_id is 1 to {MaxTextLength} characters, without '/' and control characters");
        }

        if (!Devices.DeviceId.TryParse(request.DeviceId, out _))
        {
            yield return new("device_id", Devices.DeviceId.Problem(request.DeviceId));
        }

        if (string.IsNullOrWhiteSpace(request.CommandType))
        {
            yield return new("command_type", "a command needs a command_type");
        }
        else if (request.CommandType.Length > MaxTextLength)
        {
            yield return new("command_type", $"a command_type has at most {MaxTextLength} characters");
        }

        if (request.DedupKey is { Length: 0 or > MaxTextLength })
        {
            yield return new("dedup_key", $"a dedup_key is 1 to {MaxTextLength} characters");
        }
    }

    private static IEnumerable<CommandProblem> ProblemsOfContent(CommandRequest request)
    {
        if (request.Payload is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined) })
        {
            yield return new("payload", "the payload must be a JSON object");
        }
        else if (request.Payload is { ValueKind: JsonValueKind.Object } payload)
        {
            if (!IsWellFormed(payload))
            {
                yield return new("payload", "the payload has a text that is no Unicode: half of a surrogate pair, such as \"\\ud800\"");
            }
            else if (Encoding.UTF8.GetByteCount(payload.GetRawText()) > MaxPayloadBytes)
            {
                yield return new("payload", $"the payload has at most {MaxPayloadBytes} bytes");
            }
        }

        // The serializer lets null pass as an element, whatever the type says.
        if (request.Metadata?.Values.Any(value => value is null) is true)
        {
            yield return new("metadata", "a value of the metadata must be a text, not null");
        }
        else if (request.Metadata is { } metadata && (metadata.Count > MaxMetadata || metadata.Any(entry => entry.Key.Length > MaxTextLength || entry.Value.Length > MaxMetadataLength)))
        {
            yield return new("metadata", $"the metadata are at most {MaxMetadata} entries, with names of {MaxTextLength} characters and values of {MaxMetadataLength}");
        }

        else if (request.Metadata?.ContainsKey(PushRequest.PathMember) is true && PushRequest.Read(request.Metadata, out var problem) is null)
        {
            yield return problem!;
        }

        if (request.MaxAttempts is < 1 or > MostAttempts)
        {
            yield return new("max_attempts", $"max_attempts is 1 to {MostAttempts}");
        }
    }

    private static IEnumerable<CommandProblem> ProblemsOfTimes(CommandRequest request, DateTimeOffset now)
    {
        if (request.ExpiresAt is not null && request.Ttl is not null)
        {
            yield return new("ttl", "a command has expires_at or ttl, not both");
        }
        else if (request.Ttl is { } seconds && !(seconds > 0 && seconds <= LongestTtl))
        {
            yield return new("ttl", $"ttl is more than 0 and at most {LongestTtl:F0} seconds");
        }
        else if (request.ExpiresAt <= now)
        {
            yield return new("expires_at", $"expires_at is in the past: it is {now:O}");
        }
        else if (request.NotBefore is { } start && request.ExpiryFrom(now) <= start)
        {
            yield return new("not_before", "the command expires before it may be sent: not_before is not earlier than its end");
        }
    }

    // The parser takes "\ud800" for good; reading it as a text throws.
    private static bool IsWellFormed(JsonElement payload)
    {
        try
        {
            return TextsOf(payload).All(text => text is not null);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static IEnumerable<string?> TextsOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => TextsOf(member.Value).Prepend(member.Name)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(TextsOf),
        JsonValueKind.String => [value.GetString()],
        _ => [],
    };
}
