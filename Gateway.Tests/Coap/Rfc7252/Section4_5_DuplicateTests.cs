using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §4.5: whoever asks twice with the same message is served once.</summary>
internal sealed class Section4_5_DuplicateTests : LayerFixture
{
    protected override CoapSettings Settings => new() { MaxExchanges = 16 };

    [Test]
    public void A_duplicate_CON_gets_the_same_bytes_again_and_is_not_handled_again()
    {
        var count = 0;
        Bench.Handler = _ => ValueTask.FromResult<CoapResponse?>(CoapResponse.Error(CoapCode.Content, $"answer {++count}"));

        Device.Send(CON, 0x1234, GET, "/m").Expect(ACK, 0x1234, "2.05");
        var first = Device.LastDatagram;
        Device.Send(CON, 0x1234, GET, "/m").Expect(ACK, 0x1234, "2.05");

        Assert.That(Device.LastDatagram, Is.EqualTo(first));
        Assert.That(Bench.Handled, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_duplicate_NON_is_ignored()
    {
        Device.Send(NON, 1, GET).Expect(NON, "2.04");
        Device.Send(NON, 1, GET).ExpectSilence();
        Assert.That(Bench.Handled, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_duplicate_of_a_request_in_work_is_absorbed_until_something_acknowledged_it()
    {
        var answer = Bench.HoldAnswers();
        Device.Send(CON, 1, GET).Send(CON, 1, GET).ExpectSilence();

        Bench.Advance(1.5);
        Device.Expect(ACK, 1).Send(CON, 1, GET).Expect(ACK, 1).ExpectSilence();

        answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(CON, "2.04").Send(ACK, Device.Last.Id);
        Device.Send(CON, 1, GET).Expect(ACK, 1).ExpectSilence();
        Assert.That(Bench.Handled, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_duplicate_right_behind_a_late_answer_gets_it_again()
    {
        var answer = Bench.HoldAnswers();
        Device.Send(CON, 1, GET).ExpectSilence();
        Bench.BehindNextDatagram = () => HeldAnswer.OnAnotherThread(() => Device.Send(CON, 1, GET));

        answer.Give(new CoapResponse(CoapCode.Changed));

        Device.Expect(ACK, 1, "2.04").Expect(ACK, 1, "2.04").ExpectSilence();
        Assert.That(Bench.Handled, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_duplicate_of_a_NON_in_work_is_absorbed()
    {
        var answer = Bench.HoldAnswers();
        Device.Send(NON, 1, GET).Send(NON, 1, GET);
        Bench.Advance(10);
        Device.Send(NON, 1, GET).ExpectSilence();

        answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(NON, "2.04").Send(NON, 1, GET).ExpectSilence();
        Assert.That(Bench.Handled, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_duplicate_gets_what_acknowledged_it_even_while_the_separate_answer_is_not_acknowledged()
    {
        var answer = Bench.HoldAnswers();
        Device.Send(CON, 1, GET);
        Bench.Advance(1.5);
        Device.Expect(ACK, 1);
        answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(CON, "2.04");

        Device.Send(CON, 1, GET).Expect(ACK, 1).ExpectSilence();
    }

    [Test]
    public void A_refusal_is_repeated_like_any_other_answer()
    {
        AnswerWith(() => CoapResponse.Error(CoapCode.ServiceUnavailable, "later") with { MaxAge = 60 });
        Device.Send(CON, 1, GET).Expect(ACK, 1, "5.03");
        var first = Device.LastDatagram;

        AnswerWith(() => new CoapResponse(CoapCode.Content));
        Device.Send(CON, 1, GET).Expect(ACK, 1, "5.03");
        Assert.That(Device.LastDatagram, Is.EqualTo(first));
    }

    [Test]
    public void The_same_ID_with_another_token_is_another_request()
    {
        Device.Send(CON, 1, GET, "/m").Expect(ACK, 1, "2.04");
        Device.SendBytes([0x42, 0x01, 0x00, 0x01, 0xca, 0xff, 0xb1, (byte)'m']);

        Assert.That(Device.HasMail, Is.True);
        Assert.That(Bench.Handled, Has.Count.EqualTo(2));
    }

    [Test]
    public void Another_ID_is_another_request_though_all_else_is_the_same()
    {
        Device.Send(CON, 1, GET, "/m", "x").Expect(ACK, 1, "2.04").Send(CON, 2, GET, "/m", "x").Expect(ACK, 2, "2.04");
        Assert.That(Bench.Handled, Has.Count.EqualTo(2));
    }

    [Test]
    public void Two_devices_behind_one_address_and_port_do_not_get_each_others_answers()
    {
        Bench.Handler = request => ValueTask.FromResult<CoapResponse?>(new CoapResponse(CoapCode.Content) { Payload = request.Payload });

        Device.Send(CON, 7, POST, "/m", "one").Expect(ACK, 7, "2.05");
        Assert.That(Device.LastText, Is.EqualTo("one"));
        Device.Send(CON, 7, POST, "/m", "two").Expect(ACK, 7, "2.05");
        Assert.That(Device.LastText, Is.EqualTo("two"));
        Device.Send(CON, 7, POST, "/m", "one").Expect(ACK, 7, "2.05");
        Assert.That(Device.LastText, Is.EqualTo("one"));
        Assert.That(Bench.Handled, Has.Count.EqualTo(2));
    }

    [Test]
    public void The_same_message_from_another_port_is_another_request()
    {
        var neighbour = Bench.PeerAt("192.0.2.1:40001");

        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        neighbour.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        Assert.That(Bench.Handled, Has.Count.EqualTo(2));
    }

    [Test]
    public void The_same_message_from_another_address_is_another_request()
    {
        var neighbour = Bench.PeerAt("[2001:db8::1]:40000");

        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        neighbour.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        Assert.That(Bench.Handled, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_CON_is_remembered_for_247_seconds()
    {
        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        Bench.Advance(246.9);
        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        Assert.That(Bench.Handled, Has.Count.EqualTo(1));

        Bench.Advance(0.1);
        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        Assert.That(Bench.Handled, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_NON_is_remembered_for_145_seconds_even_behind_a_CON()
    {
        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04").Send(NON, 2, GET).Expect(NON, "2.04");
        Bench.Advance(144.9);
        Device.Send(NON, 2, GET).ExpectSilence();

        Bench.Advance(0.1);
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
        Assert.That(Bench.Handled, Has.Count.EqualTo(17), "the second was still known");
        Device.Send(CON, 0, GET).Expect(ACK, 0, "2.04");
        Assert.That(Bench.Handled, Has.Count.EqualTo(18), "the first was not");
    }

    [TestCase(1)]
    [TestCase(31)]
    [TestCase(32)]
    [TestCase(33)]
    [TestCase(2000)]
    public void An_answer_of_any_length_is_repeated_as_it_was(int length)
    {
        var payload = Enumerable.Range(0, length).Select(index => (byte)index).ToArray();
        Bench.Handler = _ => ValueTask.FromResult<CoapResponse?>(new CoapResponse(CoapCode.Content) { Payload = payload });

        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.05");
        var first = Device.LastDatagram;
        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.05");
        Assert.That(Device.LastDatagram, Is.EqualTo(first));
    }

    [Test]
    public void Without_a_limit_in_sight_every_answer_is_repeated_to_whom_it_was_given()
    {
        using var bench = new LayerBench();
        var count = 0;
        bench.Handler = _ => ValueTask.FromResult<CoapResponse?>(CoapResponse.Error(CoapCode.Content, $"answer {++count}"));
        var devices = Enumerable.Range(1, 20).Select(port => bench.PeerAt($"192.0.2.9:{port}")).ToArray();
        var answers = new Dictionary<(int, int), byte[]>();
        for (var id = 0; id < 50; id++)
        {
            for (var index = 0; index < devices.Length; index++)
            {
                devices[index].Send(CON, id, GET).Expect(ACK, id, "2.05");
                answers[(index, id)] = devices[index].LastDatagram;
            }
        }

        foreach (var ((index, id), answer) in answers)
        {
            devices[index].Send(CON, id, GET).Expect(ACK, id, "2.05");
            Assert.That(devices[index].LastDatagram, Is.EqualTo(answer));
        }

        Assert.That(count, Is.EqualTo(1000));
    }
}
