using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>Makes a vector of its members, and says of each that is wrong where it stands and what would be right.</summary>
internal sealed class VectorReader(VectorMembers members, VectorProblems problems, long start)
{
    private const string Somebody = "device";

    // Always the same, so that a vector gives the same today and tomorrow.
    private static readonly DateTimeOffset UsualTime = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private bool _isWrong;

    /// <summary>The vector; null when it can't be used, and the problems say why.</summary>
    public Vector? Vector()
    {
        var isCommand = members["command"] is not null;
        Check(isCommand ? VectorShape.Downlink : VectorShape.Uplink, isCommand ? "command" : "payload");
        Require(members["name"] is not null, "a vector needs a name");
        if (isCommand)
        {
            Require(members["command"] is not { ValueKind: JsonValueKind.Object } command || command.TryGetProperty("command_type", out _), "the command needs a command_type");
            RequireOne("expect_payload", "expect_payload_text", "expect_error");
        }
        else
        {
            RequireOne("payload", "payload_text");
            Require(
                (members["expect"] ?? members["expect_error"] ?? members["expect_device_id"] ?? members["expect_response"]) is not null,
                "a vector with a payload needs at least one of expect, expect_error, expect_device_id and expect_response");
            Require(members["expect"] is null || members["expect_error"] is null, "a payload is either taken or refused: give one of expect and expect_error");
        }

        return _isWrong ? null : isCommand ? Command() : Uplink();
    }

    private UplinkVector Uplink()
    {
        var (line, column) = problems.PlaceOf(start);
        return new(members["name"]!.Value.GetString()!, line, column)
        {
            Payload = Bytes("payload", "payload_text")!,
            Request = Request(),
            Config = Config(),
            NamesDevice = Within("config", "device_id") is not null,
            Readings = members["expect"] is { } readings ? [.. readings.EnumerateArray()] : null,
            Error = members["expect_error"]?.GetString(),
            DeviceId = members["expect_device_id"],
            Response = members["expect_response"],
        };
    }

    private CommandVector Command()
    {
        var (line, column) = problems.PlaceOf(start);
        var config = Config();
        var command = new Command { RequestId = "vector", DeviceId = config.DeviceId, CommandType = Within("command", "command_type")!.Value.GetString()! };
        return new(members["name"]!.Value.GetString()!, line, column)
        {
            Command = Within("command", "payload") is { } payload ? command with { Payload = payload } : command,
            Request = members["request"] is null ? null : Request(),
            Config = config,
            Bytes = Bytes("expect_payload", "expect_payload_text"),
            Error = members["expect_error"]?.GetString(),
        };
    }

    private UplinkRequest Request() => new()
    {
        RequestId = "vector",
        Method = Within("request", "method")?.GetString()?.ToUpperInvariant() ?? "POST",
        Path = Within("request", "path")?.GetString() is { } path ? "/" + path.TrimStart('/') : "/m",
        Variables = Texts(Within("request", "variables")),
        Query = Texts(Within("request", "query")),
        ContentFormat = Within("request", "content_format")?.GetInt32(),
        Confirmable = true,
        ReceivedAt = VectorText.TryParseTime(Within("request", "received_at")?.GetString(), out var time) ? time : UsualTime,
        Peer = "[::1]:5683",
    };

    private DeviceConfig Config() => new()
    {
        DeviceId = Within("config", "device_id")?.GetString() ?? Somebody,
        Profile = "",
        ParserScriptRef = "",
        Settings = Within("config", "settings") is { } settings ? ByName(settings, value => value) : ImmutableDictionary<string, JsonElement>.Empty,
        Labels = [.. Within("config", "labels")?.EnumerateArray().Select(label => label.GetString()!) ?? []],
        Metadata = Texts(Within("config", "metadata")),
    };

    private byte[]? Bytes(string asHex, string asText) =>
        members[asText]?.GetString() is { } text ? Encoding.UTF8.GetBytes(text)
        : members[asHex]?.GetString() is { } hex && HexText.TryParse(hex, out var bytes) ? bytes
        : null;

    private JsonElement? Within(string member, string name) => members[member] is { } owner && owner.TryGetProperty(name, out var value) ? value : null;

    private static ImmutableDictionary<string, string> Texts(JsonElement? texts) =>
        texts is { } given ? ByName(given, value => value.GetString()!) : ImmutableDictionary<string, string>.Empty;

    // Of a name that is given twice the last counts, as everywhere in JSON.
    private static ImmutableDictionary<string, T> ByName<T>(JsonElement owner, Func<JsonElement, T> read)
    {
        var result = ImmutableDictionary.CreateBuilder<string, T>();
        foreach (var member in owner.EnumerateObject())
        {
            result[member.Name] = read(member.Value);
        }

        return result.ToImmutable();
    }

    private void Check(IReadOnlyDictionary<string, VectorKind> shape, string what)
    {
        foreach (var name in members.Names)
        {
            var value = members[name]!.Value;
            if (!Check(shape, name, value, name, $"a vector with a {what}") || !VectorShape.Within.TryGetValue(name, out var inner))
            {
                continue;
            }

            var objects = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : value.ValueKind == JsonValueKind.Object ? new[] { value } : [];
            for (var i = 0; i < objects.Length; i++)
            {
                var place = value.ValueKind == JsonValueKind.Array ? string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]") : name;
                foreach (var member in objects[i].EnumerateObject())
                {
                    Check(inner, member.Name, member.Value, name, place);
                }
            }
        }
    }

    private bool Check(IReadOnlyDictionary<string, VectorKind> shape, string name, JsonElement value, string member, string owner)
    {
        if (!shape.TryGetValue(name, out var kind))
        {
            return Wrong(members.PositionOf(member), $"{owner} has no member {VectorText.Of(name)}, only {string.Join(", ", shape.Keys)}");
        }

        var place = name == member ? name : $"{owner}.{name}";
        return kind.Fits(value) || Wrong(members.PositionOf(member), $"{place} must be {kind.Expected}, not {VectorText.Of(value)}");
    }

    private void RequireOne(params string[] names) =>
        Require(names.Count(name => members[name] is not null) == 1, $"exactly one of {string.Join(", ", names)} must be given");

    private void Require(bool condition, string message) => _ = condition || Wrong(start, message);

    private bool Wrong(long position, string message)
    {
        _isWrong = true;
        problems.Add(position, message);
        return false;
    }
}
