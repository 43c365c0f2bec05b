using System.Formats.Cbor;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Scripting.Contract;

namespace Gateway.Cli;

/// <summary>What devices of the families without configuration of their own send.</summary>
internal static class PlainFamilies
{
    /// <summary>An object with its own time.</summary>
    public static DeviceMessage Json(int number, string id, long second, Random chance)
    {
        var (temperature, door) = (Tenths(chance, -200, 400), chance.Next(2) == 1);
        var measured = new JsonObject { ["timestamp"] = second, ["temperature"] = temperature, ["door"] = door };
        return new DeviceMessage($"/devices/{id}/data", Encoding.UTF8.GetBytes(measured.ToJsonString()))
        {
            ContentFormat = ContentFormat.Json,
            Readings = [ExpectedReading.At("temperature", second, temperature), ExpectedReading.At("door", second, door ? 1 : 0)],
        };
    }

    /// <summary>A pack of two records, in CBOR from every other device.</summary>
    public static DeviceMessage Senml(int number, string id, long second, Random chance)
    {
        var (temperature, humidity) = (Tenths(chance, -200, 400), chance.Next(101));
        var isCbor = number % 2 == 1;
        var pack = new JsonArray(
            new JsonObject { ["bn"] = id + ":", ["bt"] = second, ["n"] = "temperature", ["u"] = "Cel", ["v"] = temperature },
            new JsonObject { ["n"] = "humidity", ["u"] = "%RH", ["v"] = humidity });
        return new DeviceMessage("/senml", isCbor ? SenmlCbor($"{id}:", second, ("temperature", "Cel", temperature), ("humidity", "%RH", humidity)) : Encoding.UTF8.GetBytes(pack.ToJsonString()))
        {
            ContentFormat = isCbor ? SenmlInCbor : SenmlInJson,
            Readings = [ExpectedReading.At("temperature", second, temperature), ExpectedReading.At("humidity", second, humidity)],
        };
    }

    /// <summary>A temperature, as a message of nRF Cloud in CBOR.</summary>
    public static DeviceMessage NrfCloud(int number, string id, long second, Random chance)
    {
        var temperature = Tenths(chance, -200, 400);
        var cbor = new CborWriter();
        cbor.WriteStartMap(3);
        cbor.WriteInt32(1);
        cbor.WriteTextString("TEMP");
        cbor.WriteInt32(2);
        cbor.WriteDouble(temperature);
        cbor.WriteInt32(3);
        cbor.WriteInt64(second * 1000);
        cbor.WriteEndMap();
        return new DeviceMessage($"/nrf/{id}/msg/d2c", cbor.Encode()) { Readings = [ExpectedReading.At("TEMP", second, temperature)] };
    }

    /// <summary>Soil, from an SE01-NB with IMEI and IMSI, whose frames no other model has the length of.</summary>
    public static DeviceMessage Dragino(int number, string id, long second, Random chance)
    {
        var (moisture, temperature, conductivity, dielectric) = (chance.Next(10_001), chance.Next(-1000, 4000), chance.Next(20_000), chance.Next(10, 800));
        var frame = new ByteWriter()
            .Hex($"f{id}").Hex("f240010000000001").UInt8(2).UInt8(100).UInt16(3250).UInt8(20).UInt8(1)
            .UInt8(0).UInt8(0).UInt16(moisture).Int16(temperature).UInt16(conductivity).UInt16(dielectric).UInt32(second);
        return new DeviceMessage("/dragino", frame.ToArray())
        {
            Readings =
            [
                ExpectedReading.At("BATTERY_VOLTAGE", second, 3250), ExpectedReading.At("RSSI", second, -73), ExpectedReading.At("INTERRUPT", second, 0), ExpectedReading.At("INTERRUPT_LEVEL", second, 0),
                ExpectedReading.At("SOIL_MOISTURE", second, moisture / 100.0), ExpectedReading.At("SOIL_TEMPERATURE", second, temperature / 100.0),
                ExpectedReading.At("SOIL_CONDUCTIVITY", second, conductivity / 10.0), ExpectedReading.At("DIELECTRIC_CONSTANT", second, dielectric / 10.0),
            ],
        };
    }

    /// <summary>A level and a temperature, from an EM400-TLD, which does not tell the time.</summary>
    public static DeviceMessage Milesight(int number, string id, long second, Random chance)
    {
        var channels = new ByteWriter()
            .Hex("017564").Hex("0367").Int16LittleEndian(chance.Next(-300, 600)).Hex("0482").UInt16LittleEndian(chance.Next(30, 4500)).Hex("0500").UInt8(chance.Next(2)).ToArray();
        var frame = new ByteWriter()
            .UInt8(2).UInt16(1).UInt16(81 + channels.Length).UInt8(0).UInt16(0).UInt8(1).Text("01010110").Text(id).Text("868508000007350").Text("460043000013110").Text("89860412000000062857")
            .UInt8(9).UInt16(channels.Length).Bytes(channels);
        return new DeviceMessage("/milesight", frame.ToArray())
        {
            Readings = MilesightReadings,
        };
    }

    /// <summary>Registers an LwM2M client with a thermometer.</summary>
    public static DeviceMessage Lwm2mRegistration(string id) => new("/rd", "</3/0>,</3303/0>"u8.ToArray())
    {
        Query = [$"ep={id}", "lt=86400", "lwm2m=1.1", "b=U"],
        ContentFormat = ContentFormat.LinkFormat,
        Readings = [ExpectedReading.Any("REGISTERED")],
    };

    /// <summary>Sends its temperature.</summary>
    public static DeviceMessage Lwm2mSend(int number, string id, long second, Random chance)
    {
        var temperature = Tenths(chance, -200, 400);
        return new DeviceMessage("/dp", SenmlCbor("/3303/0/", second, ("5700", "Cel", temperature)))
        {
            ContentFormat = SenmlInCbor,
            Readings = [ExpectedReading.At("TEMPERATURE", second, temperature)],
        };
    }

    /// <summary>An id of so many digits that no other device of the fleet has.</summary>
    public static string Digits(FleetSettings settings, int number, int length)
    {
        var digits = string.Create(CultureInfo.InvariantCulture, $"{(uint)settings.Seed % 100_000:00000}{number:000000}");
        return digits.PadLeft(length, '8')[^length..];
    }

    private static readonly ExpectedReading[] MilesightReadings = [.. new[] { "RSSI", "BATTERY", "TEMPERATURE", "DISTANCE", "TILTED" }.Select(ExpectedReading.Any)];

    private const int SenmlInJson = 110;
    private const int SenmlInCbor = 112;

    private static double Tenths(Random chance, int least, int most) => chance.Next(least, most + 1) / 10.0;

    // RFC 8428 table 6: -2 is the base name, -3 the base time, 0 the name, 1 the unit, 2 the value.
    private static byte[] SenmlCbor(string baseName, long second, params (string Name, string Unit, double Value)[] records)
    {
        var cbor = new CborWriter();
        cbor.WriteStartArray(records.Length);
        for (var i = 0; i < records.Length; i++)
        {
            cbor.WriteStartMap(i == 0 ? 5 : 3);
            if (i == 0)
            {
                cbor.WriteInt32(-2);
                cbor.WriteTextString(baseName);
                cbor.WriteInt32(-3);
                cbor.WriteInt64(second);
            }

            cbor.WriteInt32(0);
            cbor.WriteTextString(records[i].Name);
            cbor.WriteInt32(1);
            cbor.WriteTextString(records[i].Unit);
            cbor.WriteInt32(2);
            cbor.WriteDouble(records[i].Value);
            cbor.WriteEndMap();
        }

        cbor.WriteEndArray();
        return cbor.Encode();
    }
}
