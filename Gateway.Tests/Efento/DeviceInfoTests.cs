using Gateway.Protos.Efento;
using Gateway.Scripting.Contract;
using Google.Protobuf;
using static Gateway.Tests.Efento.EfentoSensor;

namespace Gateway.Tests.Efento;

/// <summary>What a sensor tells of itself and of its configuration.</summary>
internal sealed class DeviceInfoTests
{
    private static readonly ByteString Serial = ByteString.CopyFrom(0x28, 0x2c, 0x02, 0, 0, 1);

    [Test]
    public void What_is_worth_a_chart_is_a_reading_of_its_own()
    {
        var info = Info(new ProtoModem { Type = ModemType.Bc660, Parameters = { 1000, 5, 42, 123456, -90, -10, -80, 15 } });
        info.RuntimeInfo = new ProtoRuntime { UpTime = 3600, BatteryVoltage = 3225, ResetCounter = 3 };
        info.MemoryStatistics.Add([0, 0, 1000, 250]);

        var readings = Post(info).Skip(1).Select(reading => $"{reading.Index} {reading.Values.Single()} {reading.Unit}".TrimEnd());

        Assert.That(readings, Is.EqualTo(
        [
            "RUNTIME_UP_TIME 3600 s", "RUNTIME_RESET_COUNTER 3", "MCU_TEMPERATURE 0 Cel", "BATTERY_VOLTAGE 3225 mV", "MODEM_RSRP -90 dBm",
            "MODEM_RSRQ -10 dB", "MODEM_RSSI -80 dBm", "MODEM_SINR 15 dB", "MEMORY_USED 250 B",
        ]));
    }

    [Test]
    public void What_the_modem_does_not_know_is_left_out()
    {
        int[] unknown = [-1, -1, -1, 0, 0, 0, 0, 31, -1, -1, -1, 128];
        var info = Info(new ProtoModem { Type = ModemType.Bc660, Parameters = { unknown }, Iccid = "\x7F" });

        Assert.That(About(info).Keys.Where(key => key.StartsWith("modem.", StringComparison.Ordinal) || key == "iccid"), Is.Empty);
    }

    [TestCase(ModemType.Bc66, 16, "modem.nc_rsrp")]
    [TestCase(ModemType.Bc66Na, 33, "modem.tx_time")]
    [TestCase(ModemType.Bc660, 15, "modem.nc_rsrp")]
    [TestCase(ModemType.Bc660, 21, "modem.select_plmn")]
    [TestCase(ModemType.Shared, 0, "modem.sc_rsrp")]
    public void Each_modem_has_its_own_order(ModemType type, int place, string name)
    {
        var modem = new ProtoModem { Type = type, Parameters = { Enumerable.Repeat(-77, 40) } };
        modem.Parameters[place] = -78;

        Assert.That(About(Info(modem)).Where(entry => entry.Value.ToString() == "-78").Select(entry => entry.Key), Is.EqualTo([name]));
    }

    [Test]
    public void Numbers_above_two_billion_stay_positive()
    {
        var info = Info(null);
        info.MemoryStatistics.Add([0, uint.MaxValue, uint.MaxValue, 4_000_000_000]);

        var about = About(info);

        Assert.That(about["memory.used_bytes"].AsInt64(), Is.EqualTo(4_000_000_000));
        Assert.That(about["memory.capacity_bytes"].AsInt64(), Is.EqualTo(uint.MaxValue));
        Assert.That(about.ContainsKey("memory.collected_until"), Is.False, "all ones stand for a time that is not known");
    }

    [TestCase(0x0606u, "0bdd23f", null, "0bdd23f")]
    [TestCase(0x0607u, "0bdd23f", 11L, "dd23f")]
    [TestCase(0x0700u, "zzdd23f", null, "zzdd23f")]
    [TestCase(0x0700u, "0b", null, "0b")]
    public void The_commit_has_the_number_of_its_line_from_06_07_on(uint version, string id, long? line, string commit)
    {
        var info = Info(null);
        (info.SwVersion, info.CommitId) = (version, id);

        var about = About(info);

        Assert.That(about.TryGetValue("lts", out var actual) ? actual.AsInt64() : (long?)null, Is.EqualTo(line));
        Assert.That(about["commit"].ToString(), Is.EqualTo(commit));
    }

    [Test]
    public void Secrets_of_a_configuration_are_masked()
    {
        var configuration = new ProtoConfig
        {
            SerialNumber = Serial,
            CloudToken = ByteString.CopyFromUtf8("s3cret"),
            ApnPassword = "s3cret",
            EncryptionKey = ByteString.CopyFromUtf8("s3cret"),
            NetworkKey = ByteString.CopyFromUtf8("s3cret"),
        };

        var about = Post(configuration).Single().Metadata;

        string[] secrets = ["cloud_token", "apn_password", "encryption_key", "network_key"];
        Assert.That(secrets.Select(key => about[key].ToString()), Is.All.EqualTo("***"));
    }

    [Test]
    public void A_configuration_is_flat()
    {
        var configuration = new ProtoConfig
        {
            Rules = { new ProtoRule { ChannelMask = 1, Condition = RuleCondition.LowThreshold, Parameters = { -180, 0, 1, 3, 1 } } },
            ChannelTypes = { MeasurementType.Temperature, (MeasurementType)99 },
            PayloadSplitInfo = -1,
        };

        var about = Post(configuration).Single().Metadata;

        Assert.That(
            about.Select(entry => $"{entry.Key}={entry.Value}"),
            Is.EquivalentTo(
            [
                "rules.0.channel_mask=1", "rules.0.condition=3", "rules.0.parameters.0=-180", "rules.0.parameters.1=0",
                "rules.0.parameters.2=1", "rules.0.parameters.3=3", "rules.0.parameters.4=1", "channel_types.0=1", "channel_types.1=99",
                "payload_split_info=-1", "is_error=false",
            ]));
    }

    [Test]
    public void What_was_wrong_with_a_configuration_is_an_error_reading_each()
    {
        var configuration = new ProtoConfig { SerialNumber = Serial, ConfigurationErrors = { 3, 12 }, ConfigurationErrorTimestamp = Now };

        var errors = Post(configuration).Skip(1).ToList();

        Assert.That(errors.Select(reading => reading.Metadata["error_code"].AsInt64()), Is.EqualTo([3, 12]));
        Assert.That(errors.Select(reading => reading.Metadata["is_error"].AsBoolean()), Is.All.True);
        Assert.That(errors.Select(reading => reading.Timestamp), Is.All.EqualTo(DateTimeOffset.FromUnixTimeSeconds(Now)));
        Assert.That(errors.Select(reading => reading.Index), Is.All.EqualTo("CONFIGURATION_ERROR"));
    }

    private static ProtoDeviceInfo Info(ProtoModem? modem) => new() { SerialNumber = Serial, Modem = modem };

    private static IReadOnlyDictionary<string, ReadingValue> About(ProtoDeviceInfo info) => Post(info)[0].Metadata;
}
