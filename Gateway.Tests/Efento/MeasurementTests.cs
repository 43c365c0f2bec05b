using System.Text.RegularExpressions;
using Gateway.Protos.Efento;
using Gateway.Scripting.Contract;
using Google.Protobuf;
using static Gateway.Tests.Efento.EfentoSensor;

namespace Gateway.Tests.Efento;

/// <summary>What becomes of measurements, and above all of those that other decoders of these sensors get wrong.</summary>
internal sealed class MeasurementTests
{
    private static IEnumerable<int> Types =>
        MeasurementTypeReflection.Descriptor.EnumTypes[0].Values.Select(type => type.Number).Where(type => type != 0);

    [TestCaseSource(nameof(Types))]
    public void Every_type_has_a_reading_of_its_name(int type)
    {
        var name = MeasurementTypeReflection.Descriptor.EnumTypes[0].FindValueByNumber(type).Name;

        var reading = Post(Measurements(Channel((MeasurementType)type, 0, 1))).Single();

        Assert.That(reading.Index, Is.EqualTo(Regex.Replace(name, "^MEASUREMENT_TYPE_", "")));
        Assert.That(reading.Metadata["measurement_type"].AsInt64(), Is.EqualTo(type));
    }

    [TestCase(MeasurementType.H2SGas, 150, 1.5, "ppm")]
    [TestCase(MeasurementType.NoiseLevel, 455, 45.5, "dB")]
    [TestCase(MeasurementType.HumidityAccurate, 505, 50.5, "%RH")]
    [TestCase(MeasurementType.Voltage, 33001, 3300.1, "mV")]
    [TestCase(MeasurementType.Current, 2050, 20.5, "mA")]
    [TestCase(MeasurementType.CurrentPrecise, -4001, -4.001, "mA")]
    public void A_value_with_a_resolution_is_a_real_number(MeasurementType type, int raw, double value, string unit)
    {
        var reading = Post(Measurements(Channel(type, raw, 0))).Single();

        Assert.That(reading.Values.Single(), Is.EqualTo((ReadingValue)value));
        Assert.That(reading.Unit, Is.EqualTo(unit));
    }

    [Test]
    public void A_value_without_a_resolution_stays_a_whole_number() =>
        Assert.That(Post(Measurements(Channel(MeasurementType.Humidity, 55, 0))).Single().Values.Single(), Is.EqualTo((ReadingValue)55));

    [TestCase(31, "SHARED_MODEM")]
    [TestCase(44, "UNKNOWN_44")]
    [TestCase(-1, "UNKNOWN_-1")]
    [TestCase(int.MaxValue, "UNKNOWN_2147483647")]
    public void A_type_that_is_not_known_keeps_its_raw_number(int type, string index)
    {
        var reading = Post(Measurements(Channel((MeasurementType)type, 1000, 23))).Single();

        Assert.That((reading.Index, reading.Values.Single(), reading.Unit), Is.EqualTo((index, (ReadingValue)1023, (string?)null)));
        Assert.That(reading.Metadata["measurement_type"].AsInt64(), Is.EqualTo(type));
    }

    [Test]
    public void A_message_without_channels_has_no_readings_and_is_no_fault() => Assert.That(Post(Measurements()), Is.Empty);

    [Test]
    public void The_message_is_known_to_every_channel_even_when_the_first_is_empty()
    {
        var message = Measurements(new ProtoChannel(), Channel(MeasurementType.Humidity, 40, 0));
        message.ConfigurationHash = 7;

        var reading = Post(message).Single();

        Assert.That(reading.Timestamp, Is.EqualTo(DateTimeOffset.FromUnixTimeSeconds(Now)));
        Assert.That(reading.Metadata["configuration_hash"].AsInt64(), Is.EqualTo(7));
        Assert.That(reading.Metadata["channel_number"].AsInt64(), Is.EqualTo(2));
        Assert.That(reading.Metadata["transfer_reasons"].ToString(), Is.EqualTo("scheduled"));
    }

    [Test]
    public void A_detail_of_a_negative_value_is_that_of_its_absolute()
    {
        var reading = Post(Measurements(Channel(MeasurementType.Iaq, -7, 0))).Single();

        Assert.That(reading.Values.Single(), Is.EqualTo((ReadingValue)(-2)));
        Assert.That(reading.Metadata["calibration"].ToString(), Is.EqualTo("running"));
        Assert.That(reading.Metadata["out_of_range"].AsBoolean(), Is.True);
    }

    [TestCase(0, "none")]
    [TestCase(1, "ok")]
    [TestCase(2, "failed")]
    public void The_calibration_of_CO2_has_words_of_its_own(int detail, string calibration) =>
        Assert.That(
            Post(Measurements(Channel(MeasurementType.Co2Gas, (412 * 3) + detail, 0))).Single().Metadata["calibration"].ToString(),
            Is.EqualTo(calibration));

    [Test]
    public void A_sum_beyond_32_bits_does_not_wrap()
    {
        var reading = Post(Measurements(Channel(MeasurementType.Resistance, int.MaxValue, int.MaxValue))).Single();

        Assert.That(reading.Values.Single().AsInt64(), Is.EqualTo(2L * int.MaxValue));
        Assert.That(reading.Metadata["out_of_range"].AsBoolean(), Is.True);
    }

    [TestCase(MeasurementType.OkAlarm, "alarm", "ok")]
    [TestCase(MeasurementType.Flooding, "water_detected", "no_water")]
    [TestCase(MeasurementType.OutputControl, "on", "off")]
    public void Each_binary_type_has_words_for_its_states(MeasurementType type, string active, string inactive)
    {
        var readings = Post(Measurements(Channel(type, 0, 1, -5)));

        Assert.That(readings.Select(reading => reading.Metadata["state"].ToString()), Is.EqualTo([active, inactive]));
        Assert.That(readings.Select(reading => reading.Values.Single().AsBoolean()), Is.EqualTo([true, false]));
        Assert.That(readings.Select(reading => reading.Unit), Is.All.Null);
    }

    [Test]
    public void The_end_of_a_binary_range_is_marked_only_where_nothing_changed()
    {
        var unchanged = Post(Measurements(Channel(MeasurementType.OkAlarm, 0, 1, 5, 61)));
        var changed = Post(Measurements(Channel(MeasurementType.OkAlarm, 0, 1, -61)));

        Assert.That(unchanged.Select(reading => reading.Metadata.ContainsKey("range_end")), Is.EqualTo([false, false, true]));
        Assert.That(changed.Select(reading => reading.Metadata.ContainsKey("range_end")), Is.EqualTo([false, false]));
    }

    [Test]
    public void Codes_of_errors_are_ordinary_offsets_of_a_binary_channel()
    {
        var reading = Post(Measurements(Channel(MeasurementType.OkAlarm, 0, 8_388_557))).Single();

        Assert.That(reading.Timestamp!.Value.ToUnixTimeSeconds(), Is.EqualTo(Now + 8_388_556));
        Assert.That(reading.Metadata["is_error"].AsBoolean(), Is.False);
    }

    [Test]
    public void The_period_says_nothing_of_binary_channels()
    {
        var readings = Post(Measurements(Channel(MeasurementType.OkAlarm, 0, 1), Channel(MeasurementType.Humidity, 40, 0)));

        Assert.That(readings.Select(reading => reading.Metadata.ContainsKey("measurement_period")), Is.EqualTo([false, true]));
    }

    [Test]
    public void A_factor_that_was_not_sent_counts_as_one()
    {
        var message = Measurements(Channel(MeasurementType.Humidity, 40, 0, 1));
        message.MeasurementPeriodFactor = 0;

        Assert.That(Post(message).Select(reading => reading.Timestamp!.Value.ToUnixTimeSeconds()), Is.EqualTo([Now, Now + 60]));
    }

    [Test]
    public void A_total_does_not_ask_for_its_major_to_come_first()
    {
        var minor = Channel(MeasurementType.PulseCntAccMinor, (345 * 6) + 1, 0);
        var major = Channel(MeasurementType.PulseCntAccMajor, 12 * 4, 0);

        var total = Post(Measurements(minor, major)).Single(reading => reading.Index == "PULSE_CNT_ACC_TOTAL");

        Assert.That(total.Values.Single().AsInt64(), Is.EqualTo(12_345));
        Assert.That(total.Metadata["channel_number"].AsInt64(), Is.EqualTo(1));
    }

    [Test]
    public void Two_minors_may_share_a_major()
    {
        var major = Channel(MeasurementType.ElecMeterAccMajor, 2 * 4, 0);
        var message = Measurements(
            major, Channel(MeasurementType.ElecMeterAccMinor, 5 * 6, 0), Channel(MeasurementType.ElecMeterAccMinor, 7 * 6, 0));

        var totals = Post(message).Where(reading => reading.Index == "ELEC_METER_ACC_TOTAL");

        Assert.That(totals.Select(reading => reading.Values.Single().AsInt64()), Is.EqualTo([2005, 2007]));
    }

    [Test]
    public void A_total_takes_the_major_of_its_own_time()
    {
        var major = Channel(MeasurementType.WaterMeterAccMajor, 0, 1 * 4, 2 * 4, 3 * 4);
        var minor = Channel(MeasurementType.WaterMeterAccMinor, 0, 10 * 6, 20 * 6, 30 * 6);
        minor.Timestamp += 60;

        var totals = Post(Measurements(major, minor)).Where(reading => reading.Index == "WATER_METER_ACC_TOTAL");

        Assert.That(totals.Select(reading => reading.Values.Single().AsInt64()), Is.EqualTo([210, 320]));
    }

    [Test]
    public void A_minor_that_names_a_channel_that_is_not_there_stands_alone() =>
        Assert.That(
            Post(Measurements(Channel(MeasurementType.WaterMeterAccMinor, 5, 0))).Single().Index, Is.EqualTo("WATER_METER_ACC_MINOR"));

    [TestCase(0)]
    [TestCase(-3600)]
    public void A_clock_that_was_never_set_is_marked(int timestamp)
    {
        var channel = Channel(MeasurementType.Humidity, 40, 0);
        channel.Timestamp = timestamp;

        var readings = Post(Measurements(channel, Channel(MeasurementType.Humidity, 40, 0)));

        Assert.That(readings.Select(reading => reading.Metadata.ContainsKey("clock_not_set")), Is.EqualTo([true, false]));
    }

    [Test]
    public void A_time_beyond_all_calendars_is_refused()
    {
        var message = Measurements(Channel(MeasurementType.Humidity, 40, new int[60]));
        message.MeasurementPeriodBase = uint.MaxValue;

        Assert.That(() => Post(message), Throws.TypeOf<InvalidPayloadException>());

        message.MeasurementPeriodFactor = uint.MaxValue;
        Assert.That(() => Post(message), Throws.TypeOf<InvalidPayloadException>().With.Message.Contains("measurement period"));
    }

    [Test]
    public void Samples_of_which_there_is_the_same_to_tell_share_their_metadata()
    {
        var readings = Post(Measurements(Channel(MeasurementType.Co2Gas, 0, 300, 303, 301, 300_000_000)));

        Assert.That(readings[1].Metadata, Is.SameAs(readings[0].Metadata));
        Assert.That(readings[2].Metadata, Is.Not.SameAs(readings[0].Metadata));
        Assert.That(readings.Select(reading => reading.Metadata.ContainsKey("out_of_range")), Is.EqualTo([false, false, false, true]));
    }

    [TestCase(1u, -110)]
    [TestCase(62u, -49)]
    [TestCase(63u, -48)]
    public void The_signal_of_old_firmware_is_told_by_its_lower_end(uint signal, int dbm)
    {
        var message = Measurements(Channel(MeasurementType.Humidity, 40, 0));
        message.Signal = signal;

        Assert.That(Post(message).Single().Metadata["signal_dbm"].AsInt64(), Is.EqualTo(dbm));
    }

    [TestCase(0u, "scheduled", 0)]
    [TestCase(0x10u, "scheduled", 2)]
    [TestCase(0xFF000000u, "scheduled", 0)]
    [TestCase(0x100009u, "reset,transfer_limit_end", 1)]
    public void The_reason_is_told_in_words(uint bits, string reasons, int retries)
    {
        var message = Measurements(Channel(MeasurementType.Humidity, 40, 0));
        message.TransferReason = bits;

        var metadata = Post(message).Single().Metadata;

        Assert.That(metadata["transfer_reasons"].ToString(), Is.EqualTo(reasons));
        Assert.That(metadata["retries"].AsInt64(), Is.EqualTo(retries));
    }

    [Test]
    public void The_cloud_token_is_nowhere_in_the_readings()
    {
        var message = Measurements(Channel(MeasurementType.Humidity, 40, 0));
        message.CloudToken = ByteString.CopyFromUtf8("s3cret");

        Assert.That(Post(message).Single().Metadata.Values.Select(value => value.ToString()), Has.None.Contains("s3cret"));
    }

    [TestCase("")]
    [TestCase("282c020000010203ff")]
    public void A_message_needs_a_serial_number_that_can_be_one(string serial)
    {
        var message = Measurements();
        message.SerialNumber = ByteString.CopyFrom(Convert.FromHexString(serial));

        Assert.That(() => Post(message), Throws.TypeOf<InvalidPayloadException>().With.Message.Contains("serial_number"));
    }
}
