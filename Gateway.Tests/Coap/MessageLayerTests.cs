using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>RFC 7252 §4 and §5.2, message by message, without a socket and without waiting.</summary>
internal sealed class MessageLayerTests
{
    private LayerBench _bench = null!;

    private LayerPeer Device => _bench.Device;

    [SetUp]
    public void SetUp() => _bench = new LayerBench();

    [TearDown]
    public void TearDown() => _bench.Dispose();

    [Test]
    public void A_quick_answer_to_a_CON_is_piggybacked() =>
        Device.Send(CON, 0x1234, POST, "/m").Expect(ACK, 0x1234, "2.04").ExpectSilence();

    [Test]
    public void A_NON_is_answered_by_a_NON_with_an_ID_of_the_server()
    {
        Device.Send(NON, 1, GET).Expect(NON, "2.04");
        var first = Device.Last.Id;
        Device.Send(NON, 2, GET).Expect(NON, "2.04");

        Assert.That(Device.Last.Id, Is.Not.EqualTo(first));
        _bench.Advance(300);
        Device.ExpectSilence();
    }

    [Test]
    public void A_ping_is_answered_by_a_reset() => Device.Send(CON, 0xbeef).Expect(RST, 0xbeef);

    [Test]
    public void An_empty_NON_is_ignored() => Device.Send(NON, 1).ExpectSilence();

    [Test]
    public void An_acknowledgement_that_nobody_waits_for_is_ignored() => Device.Send(ACK, 1).ExpectSilence();

    [Test]
    public void A_reset_that_nobody_waits_for_is_ignored() => Device.Send(RST, 1).ExpectSilence();

    [TestCase("2.05", TestName = "An_answer_that_nobody_asked_for_is_reset")]
    [TestCase("1.00", TestName = "A_code_of_the_reserved_class_1_is_reset")]
    [TestCase("6.03", TestName = "A_code_of_the_reserved_class_6_is_reset")]
    [TestCase("7.31", TestName = "A_code_of_the_reserved_class_7_is_reset")]
    public void A_CON_that_is_no_request_is_reset(string code)
    {
        Device.Send(CON, 5, Code(code)).Expect(RST, 5).ExpectSilence();
        Assert.That(_bench.Handled, Is.Empty);
    }

    [TestCase("2.05")]
    [TestCase("1.00")]
    [TestCase("7.00")]
    public void A_NON_that_is_no_request_is_ignored(string code)
    {
        Device.Send(NON, 5, Code(code)).ExpectSilence();
        Assert.That(_bench.Handled, Is.Empty);
    }

    [Test]
    public void A_request_in_an_acknowledgement_or_a_reset_is_ignored()
    {
        Device.Send(ACK, 5, GET).ExpectSilence();
        Device.Send(RST, 5, GET).ExpectSilence();
        Assert.That(_bench.Handled, Is.Empty);
    }

    [Test]
    public void A_malformed_CON_is_reset_and_anything_else_malformed_is_ignored()
    {
        byte[] truncated = [0x40, 0x01, 0x12, 0x34, 0xb5, (byte)'a'];
        Device.SendBytes(truncated).Expect(RST, 0x1234);

        for (var type = 1; type <= 3; type++)
        {
            truncated[0] = (byte)(0x40 | (type << 4));
            Device.SendBytes(truncated).ExpectSilence();
        }
    }

    [Test]
    public void Silence_of_the_handler_acknowledges_a_CON_and_leaves_a_NON_alone()
    {
        _bench.Handler = _ => ValueTask.FromResult<CoapResponse?>(null);

        Device.Send(CON, 1, GET).Expect(ACK, 1).Send(CON, 1, GET).Expect(ACK, 1);
        Device.Send(NON, 2, GET).ExpectSilence();
    }

    [Test]
    public void A_handler_that_fails_against_its_promise_is_answered_and_logged()
    {
        using var bench = new LayerBench();
        var answer = bench.HoldAnswers();
        bench.Device.Send(CON, 1, GET).ExpectSilence();

        answer.Fail(new InvalidOperationException("a defect"));

        bench.Device.Expect(ACK, 1, "5.00");
        Assert.That(bench.TakeErrors(), Has.Exactly(1).Contains("a defect"));
    }

    [Test]
    public void Draining_ends_with_the_last_answer_and_takes_nothing_new()
    {
        var answer = _bench.HoldAnswers();
        Device.Send(CON, 1, GET);

        var drained = _bench.Layer.DrainAsync();
        Device.Send(CON, 2, GET).ExpectSilence();
        Assert.That(drained.IsCompleted, Is.False);

        answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(ACK, 1, "2.04").Send(CON, 1, GET).Expect(ACK, 1, "2.04").ExpectSilence();
        Assert.That(drained.IsCompleted, Is.True);
        Assert.That(_bench.Layer.InWork, Is.Zero);
    }
}
