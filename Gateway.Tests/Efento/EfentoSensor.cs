using System.Collections.Immutable;
using System.Text.Json;
using Gateway.Protos.Efento;
using Gateway.Scripting.Contract;
using Google.Protobuf;

namespace Gateway.Tests.Efento;

/// <summary>A sensor of the tests: what it posts goes through the shipped script.</summary>
internal static class EfentoSensor
{
    public const int Now = 1_606_391_700;

    public static ShippedScript Script { get; } = new("efento.csx");

    public static DeviceConfig Config { get; } = new() { DeviceId = "282c02000001", Profile = "efento", ParserScriptRef = "efento.csx" };

    public static DeviceConfig ConfigWith(string settings) => Config with
    {
        Settings = JsonDocument.Parse(settings).RootElement.Clone().EnumerateObject()
            .ToImmutableDictionary(member => member.Name, member => member.Value),
    };

    public static UplinkRequest Request(string path, long receivedAt = Now) => new()
    {
        RequestId = "1",
        Method = "POST",
        Path = path,
        Confirmable = true,
        ReceivedAt = DateTimeOffset.FromUnixTimeSeconds(receivedAt),
        Peer = "192.0.2.1:40000",
    };

    public static Command Command(string type, string payload = "{}") => new()
    {
        RequestId = "1",
        DeviceId = Config.DeviceId,
        CommandType = type,
        Payload = JsonDocument.Parse(payload).RootElement.Clone(),
    };

    public static IReadOnlyList<Reading> Post(string path, byte[] payload) => Script.Parse(payload, Config, Request(path));

    public static IReadOnlyList<Reading> Post(ProtoMeasurements message) => Post("/m", message.ToByteArray());

    public static IReadOnlyList<Reading> Post(ProtoDeviceInfo message) => Post("/i", message.ToByteArray());

    public static IReadOnlyList<Reading> Post(ProtoConfig message) => Post("/c", message.ToByteArray());

    public static byte[] ConfigUpdate(string payload) => Script.FormatCommand(Command("config_update", payload), Config, Request("/m"))!;

    /// <summary>A message with these channels, sampled every minute.</summary>
    public static ProtoMeasurements Measurements(params ProtoChannel[] channels) => new()
    {
        SerialNumber = ByteString.CopyFrom(0x28, 0x2c, 0x02, 0, 0, 1),
        BatteryStatus = true,
        MeasurementPeriodBase = 60,
        MeasurementPeriodFactor = 1,
        Channels = { channels },
    };

    public static ProtoChannel Channel(MeasurementType type, int startPoint, params int[] offsets) =>
        new() { Type = type, Timestamp = Now, StartPoint = startPoint, SampleOffsets = { offsets } };
}
