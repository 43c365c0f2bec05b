using Gateway.Cli;
using Gateway.Tests.Support;

namespace Gateway.Tests.Cli.Simulate;

/// <summary>What a fleet's books say of readings: nothing that went wrong may pass.</summary>
internal sealed class DeviceLedgerTests
{
    private const string Device = "282c02000001";
    private const long Second = 1_800_000_000;

    private static readonly DeviceMessage Message = new("/m", new byte[] { 1 }) { Readings = [ExpectedReading.At("TEMPERATURE", Second, 21.5), ExpectedReading.Any("DEVICE_INFO")] };

    private readonly TempFolder _folder = new();
    private DeviceLedger _ledger = null!;

    [SetUp]
    public void Open() => _ledger = new DeviceLedger(Device);

    [OneTimeTearDown]
    public void Delete() => _folder.Dispose();

    [Test]
    public void What_was_acknowledged_and_came_once_is_well()
    {
        Send(Message);
        Assert.That((Arrive(21.5, request: 1), _ledger.Arrive("DEVICE_INFO", 12_345, null, isError: false, 1)), Is.EqualTo((Arrival.Right, Arrival.Right)));

        var sums = _ledger.Sum();
        Assert.That((sums.Acknowledged, sums.Delivered, sums.Missing, sums.Surplus), Is.EqualTo((2, 2, 0, 0)));
    }

    [Test]
    public void What_was_acknowledged_and_did_not_come_is_missing()
    {
        Send(Message);

        Assert.That(_ledger.Sum().Missing, Is.EqualTo(2));
        Assert.That(_ledger.Sum().Examples, Is.EquivalentTo([$"missing: {Device} TEMPERATURE of 2027-01-15T08:00:00Z", $"missing: {Device} DEVICE_INFO"]));
    }

    [Test]
    public void What_was_not_acknowledged_may_be_lost()
    {
        Send(Message, isAcknowledged: false);

        Assert.That(_ledger.Sum().Missing, Is.Zero);
    }

    [Test]
    public void Two_frames_of_one_message_are_one_too_many_unless_it_was_sent_from_two_ports()
    {
        Send(Message, tries: 1);
        Arrive(21.5, request: 1);
        Arrive(21.5, request: 2);
        var surplus = _ledger.Sum().Surplus;
        Send(Message, tries: 1, isAcknowledged: false);

        Assert.That((surplus, _ledger.Sum().Surplus), Is.EqualTo((1, 0)));
    }

    [Test]
    public void A_sink_may_deliver_a_frame_again()
    {
        Send(Message);
        Arrive(21.5, request: 1);

        Assert.That(Arrive(21.5, request: 1), Is.EqualTo(Arrival.Again));
        Assert.That(_ledger.Sum().Surplus, Is.Zero);
    }

    [Test]
    public void Another_value_an_error_and_another_time_are_not_what_was_measured()
    {
        Send(Message);

        Assert.That(Arrive(21.6, request: 1), Is.EqualTo(Arrival.Wrong));
        Assert.That(_ledger.Arrive("TEMPERATURE", Second * 1000, null, isError: true, 1), Is.EqualTo(Arrival.Wrong));
        Assert.That(_ledger.Arrive("TEMPERATURE", (Second * 1000) + 1, 21.5, isError: false, 1), Is.EqualTo(Arrival.Unexpected));
    }

    [Test]
    public void Lines_are_read_as_they_come_and_those_of_others_are_passed_over()
    {
        var path = _folder.Write("readings.ndjson", Line(1.0, "1") + "\n");
        var file = new ReadingsFile(path, new Dictionary<string, DeviceLedger> { [Device] = _ledger });
        Send(Message);
        File.AppendAllText(path, $"{{\"device_id\":\"other\",\"index\":\"TEMPERATURE\"}}\nno JSON\n{Line(21.5, "2")[..30]}");
        file.ReadOn();
        var half = file.Counts[Arrival.Right];
        File.AppendAllText(path, Line(21.5, "2")[30..] + "\n");

        Assert.That((file.ReadOn(), file.ReadOn()), Is.EqualTo((true, false)));
        Assert.That((half, file.Counts[Arrival.Right], file.Counts[Arrival.Unexpected], file.Counts.Unreadable), Is.EqualTo((0, 1, 0, 1)));
    }

    [Test]
    public void A_file_that_is_put_aside_meanwhile_is_told()
    {
        var path = _folder.Write("rotated.ndjson", "12345\n");
        var file = new ReadingsFile(path, new Dictionary<string, DeviceLedger>());
        File.WriteAllText(path, "1\n");

        Assert.That(() => file.ReadOn(), Throws.TypeOf<InvalidDataException>().With.Message.Contains("was put aside or cut off"));
    }

    private static string Line(double value, string request) =>
        FormattableString.Invariant($$"""{"device_id":"{{Device}}","index":"TEMPERATURE","values":[{{value}}],"timestamp":"2027-01-15T08:00:00Z","metadata":{"is_error":false},"request_id":"{{request}}"}""");

    private void Send(DeviceMessage message, int tries = 1, bool isAcknowledged = true)
    {
        _ledger.Begin(message);
        _ledger.End(message, tries, isAcknowledged);
    }

    private Arrival Arrive(double value, int request) => _ledger.Arrive("TEMPERATURE", Second * 1000, value, isError: false, (UInt128)request);
}
