using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.ComponentModel;
using Gateway.Access;
using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Intake;
using Gateway.Journal;
using Gateway.Routing;
using Gateway.Scripting;
using Gateway.Sinks;
using Gateway.Storage;
using Gateway.Telemetry;
using Gateway.Uplink;

namespace Gateway.Configuration;

/// <summary>gateway.json as a whole. Every value has a default, and the file that is shipped writes the defaults out.</summary>
internal sealed record GatewaySettings
{
    [Description("Where devices reach the gateway.")]
    public CoapSettings Coap { get; init; } = new();

    [Description("Which requests are taken, and which profile they belong to.")]
    public IReadOnlyList<RouteSettings> Routes { get; init; } = DefaultRoutes;

    [Description("Kinds of devices, by name.")]
    public IReadOnlyDictionary<string, ProfileSettings> Profiles { get; init; } = DefaultProfiles;

    [Description("The devices themselves.")]
    public DeviceSettings Devices { get; init; } = new();

    [Description("The parser scripts.")]
    public ScriptSettings Scripts { get; init; } = new();

    [Description("The record of all frames.")]
    public JournalSettings Journal { get; init; } = new();

    [Description("Frames that are read again, by POST /api/v1/dead-letters/replay or \"gateway replay\".")]
    public ReplaySettings Replay { get; init; } = new();

    [Description("Commands for devices.")]
    public CommandSettings Commands { get; init; } = new();

    [Description("Where readings go, by name. The name keeps the sink's place in the journal: a renamed sink starts with the oldest frame that is kept.")]
    public IReadOnlyDictionary<string, SinkSettings> Sinks { get; init; } = DefaultSinks;

    [Description("Brokers that commands come from, by name.")]
    public IReadOnlyDictionary<string, IntakeSettings> Intake { get; init; } = NoIntake;

    [Description("Where devices and commands are kept.")]
    public StorageSettings Storage { get; init; } = new();

    [Description("Copies of the journal and of the store, by POST /api/v1/backups or \"gateway backup\".")]
    public BackupSettings Backup { get; init; } = new();

    [Description("The management API.")]
    public ApiSettings Api { get; init; } = new();

    [Description("Who may use the management API.")]
    public AccessSettings Access { get; init; } = new();

    [Description("The log.")]
    public LogSettings Log { get; init; } = new();

    [Description("Metrics and traces for a collector.")]
    public TelemetrySettings Telemetry { get; init; } = new();

    private static readonly ImmutableArray<RouteSettings> DefaultRoutes =
    [
        new() { Path = "/m", Profile = "efento" },
        new() { Path = "/i", Profile = "efento" },
        new() { Path = "/c", Profile = "efento" },
        new() { Path = "/t", Methods = [RouteMethod.Get, RouteMethod.Post], Profile = "efento", Identity = [] },
        new() { Path = "/devices/{device_id}/data", Profile = "json" },
        new() { Path = "/devices/{device_id}/senml", Profile = "senml" },
        new() { Path = "/devices/{device_id}/commands", Kind = RouteKind.Commands, Methods = [RouteMethod.Get], Profile = "json" },
        new() { Path = "/senml", Profile = "senml" },
        new() { Path = "/dragino", Profile = "dragino-nb" },
        new() { Path = "/milesight", Profile = "milesight-nb" },
        new() { Path = "/nrf/{device_id}/msg/d2c", Profile = "nrf-cloud" },
        new() { Path = "/nrf/{device_id}/msg/d2c/bulk", Profile = "nrf-cloud" },
        new() { Path = "/rd", Methods = [RouteMethod.Post], Profile = "lwm2m", Identity = ["query:ep"], Registers = true },
        new() { Path = "/dp", Methods = [RouteMethod.Post], Profile = "lwm2m", Identity = ["address"], ContentFormats = [110, 112] },
    ];

    // In the order of the shipped file: an ImmutableDictionary would write them in another order with every start.
    private static readonly ReadOnlyDictionary<string, ProfileSettings> DefaultProfiles = new(new OrderedDictionary<string, ProfileSettings>
    {
        ["efento"] = new() { Script = "efento.csx", UnknownDevices = UnknownDevicePolicy.Provision },
        ["json"] = new() { Script = "json.csx", UnknownDevices = UnknownDevicePolicy.Provision },
        ["senml"] = new() { Script = "senml.csx", UnknownDevices = UnknownDevicePolicy.Provision },
        ["nrf-cloud"] = new() { Script = "nrf-cloud.csx", UnknownDevices = UnknownDevicePolicy.Provision },
        ["dragino-nb"] = new() { Script = "dragino-nb.csx", UnknownDevices = UnknownDevicePolicy.Provision },
        ["milesight-nb"] = new() { Script = "milesight-nb.csx", UnknownDevices = UnknownDevicePolicy.Provision },
        ["lwm2m"] = new() { Script = "lwm2m.csx", UnknownDevices = UnknownDevicePolicy.Provision },
    });

    private static readonly ReadOnlyDictionary<string, IntakeSettings> NoIntake = new(new Dictionary<string, IntakeSettings>());

    private static readonly ReadOnlyDictionary<string, SinkSettings> DefaultSinks = new(new OrderedDictionary<string, SinkSettings>
    {
        ["file"] = new FileSinkSettings(),
        ["console"] = new ConsoleSinkSettings(),
    });
}
