using System.Net;
using Gateway.Cli;
using Gateway.Coap;
using Gateway.Protos.Efento;
using Google.Protobuf;

namespace Gateway.Tests.Cli.Simulate;

/// <summary>A simulated Efento sensor does what a real one is known to do.</summary>
internal sealed class EfentoSensorTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DeviceAnswer Safe = new(CoapCode.Created, default);

    private DateTimeOffset _now;

    [Test]
    public void At_its_start_it_tells_of_itself_and_then_of_what_it_measures()
    {
        var sensor = NewSensor();

        var info = Say(sensor, Safe);
        var configuration = Say(sensor, null);
        var first = Say(sensor, Safe);
        var second = Say(sensor, Safe);

        Assert.That((info.Path, info.IsConfirmable), Is.EqualTo(("/i", true)));
        Assert.That((configuration.Path, configuration.IsConfirmable), Is.EqualTo(("/c", false)));
        Assert.That((first.Path, first.IsConfirmable, Measured(first).TransferReason), Is.EqualTo(("/m", true, 1u)));
        Assert.That(Measured(second).TransferReason, Is.Zero);
        Assert.That(Convert.ToHexStringLower(Measured(first).SerialNumber.Span), Is.EqualTo(sensor.DeviceId).And.StartWith("282c02"));
    }

    [Test]
    public void It_asks_for_an_acknowledgement_by_its_ack_interval()
    {
        var sensor = NewSensor(ackInterval: TimeSpan.FromSeconds(25));
        SayAtStart(sensor);
        Say(sensor, Safe);

        var confirmable = Enumerable.Range(0, 6).Select(_ => SayAfter(sensor, message => message.IsConfirmable ? Safe : null).IsConfirmable);

        Assert.That(confirmable, Is.EqualTo(new[] { false, false, true, false, false, true }));
    }

    [Test]
    public void What_was_not_acknowledged_comes_again_with_the_number_of_attempts()
    {
        var sensor = NewSensor();
        SayAtStart(sensor);
        Say(sensor, Safe);

        var silence = SayAfter(sensor, _ => null);
        var busy = SayAfter(sensor, _ => new DeviceAnswer(CoapCode.ServiceUnavailable, default));
        var good = SayAfter(sensor, _ => Safe);
        var next = SayAfter(sensor, _ => Safe);

        Assert.That(new[] { silence, busy, good, next }.Select(message => Measured(message).TransferReason >> 3), Is.EqualTo(new[] { 0, 1, 2, 0 }));
        Assert.That(Indexed(good), Is.SupersetOf(Indexed(silence)));
        Assert.That(Indexed(next).Intersect(Indexed(good)), Is.Empty);
    }

    [Test]
    public void It_obeys_the_configuration_that_it_is_sent_and_its_hash_changes()
    {
        var sensor = NewSensor();
        SayAtStart(sensor);
        var before = Say(sensor, Answer(new ProtoConfig { TransmissionInterval = 60, MeasurementPeriodBase = 20, MeasurementPeriodFactor = 1 }));
        var said = _now;

        var after = Say(sensor, Safe);
        var next = Say(sensor, Answer(new ProtoConfig { TransmissionInterval = 60 }));
        var same = Say(sensor, Safe);

        Assert.That(sensor.SpeaksAt - _now, Is.EqualTo(TimeSpan.FromSeconds(60)));
        Assert.That(Measured(after).ConfigurationHash, Is.Not.EqualTo(Measured(before).ConfigurationHash).And.EqualTo(Measured(next).ConfigurationHash).And.EqualTo(Measured(same).ConfigurationHash));
        Assert.That(Measured(next).MeasurementPeriodBase, Is.EqualTo(20));
        Assert.That(_now, Is.GreaterThan(said));
    }

    [Test]
    public void It_posts_what_it_is_asked_for_and_tells_no_key()
    {
        var sensor = NewSensor();
        SayAtStart(sensor);
        Say(sensor, Answer(new ProtoConfig { DeviceInfoRequest = true, ConfigurationRequest = true, EncryptionKey = ByteString.CopyFromUtf8("secret"), BleTxPowerLevel = 3 }));

        var (info, first, second) = (Say(sensor, null), Say(sensor, null), Say(sensor, null));
        var (about, settings) = (ProtoConfig.Parser.ParseFrom(first.Payload.Span), ProtoConfig.Parser.ParseFrom(second.Payload.Span));

        Assert.That((info.Path, info.IsConfirmable), Is.EqualTo(("/i", false)));
        Assert.That((about.PayloadSplitInfo, settings.PayloadSplitInfo), Is.EqualTo((-1, 2)));
        Assert.That((settings.BleTxPowerLevel, settings.EncryptionKey.Length, settings.DeviceInfoRequest), Is.EqualTo((3, 2, false)));
    }

    [Test]
    public void An_output_is_what_it_is_switched_to()
    {
        var sensor = NewSensor(number: 4);
        SayAtStart(sensor);
        var off = Say(sensor, Answer(new ProtoConfig { SetOutputControlStateRequest = { new ProtoOutputControlState { ChannelIndex = 0, ChannelState = 2 } } }));
        var on = Say(sensor, Safe);

        Assert.That(Measured(off).Channels[0].SampleOffsets[^1], Is.Negative);
        Assert.That(Measured(on).Channels[0].SampleOffsets[^1], Is.Positive);
    }

    [Test]
    public void Its_commands_are_known_by_their_timer()
    {
        var sensor = NewSensor();
        SayAtStart(sensor);
        var command = sensor.CommandFor(0)!;
        var timer = (uint)command.Payload["transfer_limit_timer"]!.GetValue<int>();
        Say(sensor, Answer(new ProtoConfig { TransferLimitTimer = timer }));
        Say(sensor, Answer(new ProtoConfig { TransferLimitTimer = timer }));

        Assert.That((command.Type, command.OnlyOnce, sensor.TimesApplied(0), sensor.TimesApplied(4)), Is.EqualTo(("config_update", true, 2, 0)));
    }

    [Test]
    public void An_answer_that_it_cannot_read_is_told()
    {
        var sensor = NewSensor();
        _now = sensor.SpeaksAt;
        sensor.Speak(_now);

        Assert.That(() => sensor.Hear(new DeviceAnswer(CoapCode.Created, new byte[] { 0xff }), _now), Throws.TypeOf<InvalidDataException>().With.Message.Contains("no ProtoConfig"));
    }

    private static ProtoMeasurements Measured(DeviceMessage message) => ProtoMeasurements.Parser.ParseFrom(message.Payload.Span);

    private static IEnumerable<(string, long?)> Indexed(DeviceMessage message) => message.Readings.Select(reading => (reading.Index, reading.Milliseconds));

    private static DeviceAnswer Answer(ProtoConfig config) => new(CoapCode.Created, config.ToByteArray());

    private static EfentoSensor NewSensor(int number = 0, TimeSpan ackInterval = default) => new(
        new FleetSettings { Server = new IPEndPoint(IPAddress.Loopback, 1), Family = DeviceFamily.All[0], Interval = TimeSpan.FromSeconds(10), AckInterval = ackInterval },
        number, new Random(1), Start);

    private void SayAtStart(EfentoSensor sensor)
    {
        Say(sensor, Safe);
        Say(sensor, null);
    }

    private DeviceMessage Say(EfentoSensor sensor, DeviceAnswer? answer) => SayAfter(sensor, _ => answer);

    private DeviceMessage SayAfter(EfentoSensor sensor, Func<DeviceMessage, DeviceAnswer?> answer)
    {
        _now = sensor.SpeaksAt;
        var message = sensor.Speak(_now);
        sensor.Hear(answer(message), _now);
        return message;
    }
}
