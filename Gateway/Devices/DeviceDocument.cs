using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Devices;

/// <summary>A device as people write and read it: the body of the management API, and a line of an import file.</summary>
internal sealed record DeviceDocument
{
    [Description("The device's id: 1 to 128 of the characters A-Z a-z 0-9 . _ : @ -")]
    public string? DeviceId { get; init; }

    [Description("The script that understands the device, such as efento.csx; when missing, the profile's.")]
    public string? ParserScriptRef { get; init; }

    [Description("One of the profiles of gateway.json.")]
    public string? Profile { get; init; }

    [Description("Labels that every reading of the device gets.")]
    public IReadOnlyList<string>? Labels { get; init; }

    [Description("The script's settings that are this device's own.")]
    public IReadOnlyDictionary<string, JsonElement>? Settings { get; init; }

    [Description("Metadata that every reading of the device gets.")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    [Description("The token that the device's frames must bring, where its profile asks for one. It is never shown: when missing the present one stays, and \"\" takes it away.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }

    [Description("Whether the device has a token of its own. Is told, not taken.")]
    public bool HasToken { get; init; }

    [Description("\"active\", \"held\" for a device that waits for approval, or \"rejected\" for one that is not wanted. Writing a device makes it active unless it says something else.")]
    public DeviceState? State { get; init; }

    [Description("When the gateway came to know the device.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? CreatedAt { get; init; }

    [Description("When it was changed last.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? UpdatedAt { get; init; }

    [Description("When it spoke last; missing when it never did.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LastSeenAt { get; init; }

    public static DeviceDocument Of(Device device) => new()
    {
        DeviceId = device.Id.ToString(),
        ParserScriptRef = device.ParserScriptRef,
        Profile = device.Profile,
        Labels = device.Labels,
        Settings = device.Settings,
        Metadata = device.Metadata,
        HasToken = device.Token is not null,
        State = device.State,
        CreatedAt = device.CreatedAt,
        UpdatedAt = device.UpdatedAt,
        LastSeenAt = device.LastSeenAt,
    };

    /// <summary>What is wrong with it, by the JSON path of the member.</summary>
    public IEnumerable<(string Path, string Problem)> Problems(ProfileCatalog profiles)
    {
        if (!Devices.DeviceId.TryParse(DeviceId, out _))
        {
            yield return ("device_id", Devices.DeviceId.Problem(DeviceId));
        }

        if (Profile is null && ParserScriptRef is null)
        {
            yield return ("parser_script_ref", "a device needs a parser_script_ref or a profile");
        }

        if (Profile is not null && profiles.Find(Profile) is null)
        {
            yield return ("profile", $"gateway.json has no profile \"{Profile}\"; it has {string.Join(", ", profiles.Names)}");
        }

        if (Token is not null && System.Text.Encoding.UTF8.GetByteCount(Token) > DeviceToken.MaxBytes)
        {
            yield return ("token", $"a token has {DeviceToken.MaxBytes} bytes at most");
        }

        // The serializer lets null pass as an element, whatever the type says.
        if (Labels?.Any(label => label is null) is true)
        {
            yield return ("labels", "a label must be a text, not null");
        }

        if (Metadata?.Values.Any(value => value is null) is true)
        {
            yield return ("metadata", "a value of the metadata must be a text, not null");
        }
    }

    /// <summary>The device that this document describes. Only for one without problems.</summary>
    /// <param name="createdAt">When it became known.</param>
    /// <param name="now">The time.</param>
    /// <param name="present">Its token until now, which stays when the document has none.</param>
    public Device ToDevice(DateTimeOffset createdAt, DateTimeOffset now, DeviceToken? present = null) => new()
    {
        Id = Devices.DeviceId.Parse(DeviceId!),
        State = State ?? DeviceState.Active,
        Profile = Profile,
        ParserScriptRef = ParserScriptRef,
        Labels = Labels ?? [],
        Settings = Settings?.ToDictionary(pair => pair.Key, pair => pair.Value.Clone()) ?? [],
        Metadata = Metadata ?? ImmutableDictionary<string, string>.Empty,
        Token = Token switch { null => present, "" => null, var token => DeviceToken.Of(token) },
        CreatedAt = createdAt,
        UpdatedAt = now,
    };
}
