using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>RFC 7252 §4.5: whoever asks twice with the same message is served once.</summary>
internal sealed class DuplicateTests
{
    private LayerBench _bench = null!;

    private LayerPeer Device => _bench.Device;

    [SetUp]
    public void SetUp() => _bench = new LayerBench(new CoapSettings { MaxExchanges = 16 });

    [TearDown]
    public void TearDown() => _bench.Dispose();

    [Test]
    public void A_duplicate_CON_gets_the_same_bytes_again_and_is_not_handled_again()
    {
        var count = 0;
        _bench.Handler = _ => ValueTask.FromResult<CoapResponse?>(CoapResponse.Error(CoapCode.Content, $"answer {++count}"));

        Device.Send(CON, 0x1234, GET, "/m").Expect(ACK, 0x1234, "2.05");
        var first = Device.LastDatagram;
        Device.Send(CON, 0x1234, GET, "/m").Expect(ACK, 0x1234, "2.05");

        Assert.That(Device.LastDatagram, Is.EqualTo(first));
        Assert.That(_bench.Handled, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_duplicate_NON_is_ignored()
    {
        Device.Send(NON, 1, GET).Expect(NON, "2.04");
        Device.Send(NON, 1, GET).ExpectSilence();
        Assert.That(_bench.Handled, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_duplicate_of_a_request_in_work_is_absorbed_until_something_acknowledged_it()
    {
        var answer = _bench.HoldAnswers();
        Device.Send(CON, 1, GET).Send(CON, 1, GET).ExpectSilence();

        _bench.Advance(1.5);
        Device.Expect(ACK, 1).Send(CON, 1, GET).Expect(ACK, 1).ExpectSilence();

        answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(CON, "2.04").Send(ACK, Device.Last.Id);
        Device.Send(CON, 1, GET).Expect(ACK, 1).ExpectSilence();
        Assert.That(_bench.Handled, Has.Count.EqualTo(1));
    }

    [Test]
    public void Two_devices_behind_one_address_and_port_do_not_get_each_others_answers()
    {
        _bench.Handler = request => ValueTask.FromResult<CoapResponse?>(new CoapResponse(CoapCode.Content) { Payload = request.Payload });

        Device.Send(CON, 7, POST, "/m", "one").Expect(ACK, 7, "2.05");
        Assert.That(Device.LastText, Is.EqualTo("one"));
        Device.Send(CON, 7, POST, "/m", "two").Expect(ACK, 7, "2.05");
        Assert.That(Device.LastText, Is.EqualTo("two"));
        Device.Send(CON, 7, POST, "/m", "one").Expect(ACK, 7, "2.05");
        Assert.That(Device.LastText, Is.EqualTo("one"));
        Assert.That(_bench.Handled, Has.Count.EqualTo(2));
    }

    [Test]
    public void The_same_message_from_another_port_is_another_request()
    {
        var neighbour = _bench.PeerAt("192.0.2.1:40001");

        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        neighbour.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        Assert.That(_bench.Handled, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_CON_is_remembered_for_247_seconds()
    {
        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        _bench.Advance(246.9);
        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        Assert.That(_bench.Handled, Has.Count.EqualTo(1));

        _bench.Advance(0.1);
        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        Assert.That(_bench.Handled, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_NON_is_remembered_for_145_seconds_even_behind_a_CON()
    {
        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04").Send(NON, 2, GET).Expect(NON, "2.04");
        _bench.Advance(144.9);
        Device.Send(NON, 2, GET).ExpectSilence();

        _bench.Advance(0.1);
        Device.Send(NON, 2, GET).Expect(NON, "2.04");
    }

    [Test]
    public void The_oldest_exchange_is_forgotten_when_there_are_too_many()
    {
        for (var id = 0; id <= 16; id++)
        {
            Device.Send(CON, id, GET).Expect(ACK, id, "2.04");
        }

        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        Assert.That(_bench.Handled, Has.Count.EqualTo(17), "the second was still known");
        Device.Send(CON, 0, GET).Expect(ACK, 0, "2.04");
        Assert.That(_bench.Handled, Has.Count.EqualTo(18), "the first was not");
    }

    [TestCase(1)]
    [TestCase(31)]
    [TestCase(32)]
    [TestCase(33)]
    [TestCase(2000)]
    public void An_answer_of_any_length_is_repeated_as_it_was(int length)
    {
        var payload = Enumerable.Range(0, length).Select(index => (byte)index).ToArray();
        _bench.Handler = _ => ValueTask.FromResult<CoapResponse?>(new CoapResponse(CoapCode.Content) { Payload = payload });

        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.05");
        var first = Device.LastDatagram;
        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.05");
        Assert.That(Device.LastDatagram, Is.EqualTo(first));
    }

    [Test]
    public void The_lifetimes_follow_from_the_base_values_of_the_RFC()
    {
        var parameters = TransmissionParameters.Default;

        Assert.That(parameters.MaxTransmitSpan, Is.EqualTo(TimeSpan.FromSeconds(45)));
        Assert.That(parameters.ExchangeLifetime, Is.EqualTo(TimeSpan.FromSeconds(247)));
        Assert.That(parameters.NonLifetime, Is.EqualTo(TimeSpan.FromSeconds(145)));
    }
}
