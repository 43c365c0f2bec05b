using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>A command for many devices, as a caller writes it.</summary>
internal sealed record RunRequest
{
    public const double DefaultRate = 10;
    public const double DefaultMaxFailureRatio = 0.1;
    public const int DefaultMinJudged = 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        NumberHandling = JsonNumberHandling.Strict,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    [Description("The caller's id for the run, 1 to 64 of the characters A-Z a-z 0-9 . _ -; made when missing. The same id with the same run gives the first one again, with another run it is refused.")]
    public string? RunId { get; init; }

    [Description("All active devices of this profile.")]
    public string? Profile { get; init; }

    [Description("All active devices with this label, their own or their profile's. With a profile too: those that have both.")]
    public string? Label { get; init; }

    [Description("The command, as it is handed in for one device, without request_id and device_id.")]
    public CommandRequest? Command { get; init; }

    [Description("How many commands are queued a second, 0.01 to 10000; 10 when missing.")]
    public double? CommandsPerSecond { get; init; }

    [Description("The run halts when a larger share of its commands has failed than this, 0 to 1; 0.1 when missing, and 1 never halts.")]
    public double? MaxFailureRatio { get; init; }

    [Description("How many commands must have ended before the share counts, 1 to 1000000; 20 when missing.")]
    public int? MinJudged { get; init; }

    /// <summary>Reads a request; null with what is wrong when it is none.</summary>
    public static RunRequest? Read(ReadOnlySpan<byte> json, out CommandProblem? problem)
    {
        problem = null;
        try
        {
            if (JsonSerializer.Deserialize<RunRequest>(json, Json) is { } request)
            {
                return request;
            }

            problem = new("$", "a run is a JSON object, not null");
        }
        catch (JsonException e)
        {
            problem = new(e.Path ?? "$", JsonProblem.Explain(e));
        }

        return null;
    }

    /// <summary>Reads what <see cref="ToJson"/> has written.</summary>
    public static RunRequest OfJson(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<RunRequest>(json, Json)!;

    /// <summary>The request as it is kept; what is missing is left out.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Whether it asks for the same as another.</summary>
    public bool IsSameAs(RunRequest other) => JsonElement.DeepEquals(JsonElement.Parse(ToJson()), JsonElement.Parse(other.ToJson()));

    /// <summary>What is wrong with it, by the JSON path of the member.</summary>
    public IEnumerable<CommandProblem> Problems(ProfileCatalog profiles, DateTimeOffset now) => RunRules.ProblemsOf(this, profiles, now);

    /// <summary>The command for one of its devices, under an id that is the same whenever it is asked for.</summary>
    public CommandRequest CommandFor(string runId, DeviceId device) => Command! with { RequestId = RequestIdOf(runId, device), DeviceId = device.ToString() };

    /// <summary>The request id of a run's command: of the run and the device, so that one that was queued before a crash is known again.</summary>
    public static string RequestIdOf(string runId, DeviceId device)
    {
        var id = $"{runId}:{device}";
        return id.Length <= CommandRules.MaxTextLength ? id : $"{runId}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(device.ToString())).AsSpan(0, 16))}";
    }

    /// <summary>Whether a device is one of its own, apart from its state.</summary>
    public bool Includes(Device device, ProfileCatalog profiles) =>
        (Profile is null || device.Profile == Profile)
        && (Label is null || device.Labels.Contains(Label) || (device.Profile is { } name && profiles.Find(name) is { } profile && profile.Labels.Contains(Label)));
}
