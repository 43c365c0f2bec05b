// Efento NB-IoT sensors over CoAP: measurements (/m), device info (/i), configuration (/c) and time (/t).
//
// The bytes are protobuf, described in protos/efento; readings, metadata and commands are listed in docs/devices/efento.md.
// A sensor's endpoints can be renamed; tell the gateway with the settings data_endpoint, device_info_endpoint,
// configuration_endpoint and time_endpoint.
#load "efento/serial-and-time.csx"
#load "efento/measures.csx"
#load "efento/measurements.csx"
#load "efento/device-info.csx"
#load "efento/configuration.csx"
#load "efento/checks.csx"
#load "efento/rules.csx"
#load "efento/commands.csx"
using Gateway.Protos.Efento;

List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request) => EndpointOf(request, config) switch
{
    "data_endpoint" => Measurements(ProtoMeasurements.Parser.ParseFrom(payload)),
    "device_info_endpoint" => DeviceInfo(ProtoDeviceInfo.Parser.ParseFrom(payload)),
    "configuration_endpoint" => Configuration(ProtoConfig.Parser.ParseFrom(payload)),
    "time_endpoint" => [],
    _ => throw new InvalidPayloadException(
        $"{request.Path} is none of the sensor's endpoints: {string.Join(", ", Endpoints.Select(endpoint => PathOf(endpoint, config)))}"),
};

// The sensor's serial number; null for who asks for the time, or sends nothing, and so does not say who it is.
string? identify(ReadOnlySpan<byte> payload, UplinkRequest request)
{
    if (payload.IsEmpty || request.Path.EndsWith("/t", StringComparison.Ordinal))
    {
        return null;
    }

    var message = SerialNumberParser.ParseFrom(payload);
    return SerialOf(message.SerialNumber.IsEmpty ? message.ConfigurationSerialNumber : message.SerialNumber);
}

UplinkResponse? respond(ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request)
{
    if (EndpointOf(request, config) != "time_endpoint")
    {
        return null;
    }

    // 32 bits of seconds since 1970, most significant byte first; good until 2106.
    var time = new byte[4];
    BinaryPrimitives.WriteUInt32BigEndian(time, (uint)request.ReceivedAt.ToUnixTimeSeconds());
    return new UplinkResponse(time) { Code = "2.05", ContentFormat = 42 };
}

byte[]? format_command(Command command, DeviceConfig config, UplinkRequest? request) => command.CommandType switch
{
    "config_update" => ConfigUpdate(command.Payload),
    "time_sync" => new ProtoConfig { CurrentTime = (uint)(request?.ReceivedAt ?? TimeOfDryRun).ToUnixTimeSeconds() }.ToByteArray(),
    _ => null,
};

static readonly (string Setting, string Usual)[] Endpoints =
[
    ("data_endpoint", "m"), ("device_info_endpoint", "i"), ("configuration_endpoint", "c"), ("time_endpoint", "t"),
];

// Without a request there is nobody to be told the time; any will do to see that the command can be encoded.
static readonly DateTimeOffset TimeOfDryRun = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

static readonly MessageParser<ProtoSerialNumber> SerialNumberParser = ProtoSerialNumber.Parser.WithDiscardUnknownFields(true);

static string PathOf((string Setting, string Usual) endpoint, DeviceConfig config) =>
    "/" + config.GetString(endpoint.Setting, endpoint.Usual)!.TrimStart('/');

// Which endpoint a request came to, by its setting's name. A route may put something before it: /efento/m is /m as well.
static string? EndpointOf(UplinkRequest request, DeviceConfig config)
{
    foreach (var endpoint in Endpoints)
    {
        if (request.Path.EndsWith(PathOf(endpoint, config), StringComparison.Ordinal))
        {
            return endpoint.Setting;
        }
    }

    return null;
}
