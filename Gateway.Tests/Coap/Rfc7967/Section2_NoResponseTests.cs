using Gateway.Coap;
using Gateway.Tests.Coap.Rfc7252;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7967;

/// <summary>RFC 7967 §2: the client names the classes of answers that it does not want.</summary>
internal sealed class Section2_NoResponseTests : RequestFixture
{
    private int _asked;
    private CoapResponse _answer = null!;
    private HeldAnswer _held = null!;

    protected override void Furnish(TestSite site)
    {
        (_asked, _answer, _held) = (0, new CoapResponse(CoapCode.Changed), new HeldAnswer());
        site["/any"] = new TestResource(_ =>
        {
            _asked++;
            return _answer;
        });
        site["/slow"] = new TestResource(async (_, _) => (await _held.Task)!);
        site["/broken"] = new TestResource((CoapRequest _) => throw new InvalidOperationException("a defect"));
        site["/at-once"] = new AnswersAtOnce(() => _answer);
    }

    // §2.1: a bit for each class. 26 is all; the bits of classes that no answer has (1, 3, 6 and above) change nothing.
    [TestCase(0u, "2.04 4.04 5.03")]
    [TestCase(2u, "4.04 5.03")]
    [TestCase(8u, "2.04 5.03")]
    [TestCase(16u, "2.04 4.04")]
    [TestCase(10u, "5.03")]
    [TestCase(18u, "4.04")]
    [TestCase(24u, "2.04")]
    [TestCase(26u, "")]
    [TestCase(0xe5u, "2.04 4.04 5.03")]
    [TestCase(0xe7u, "4.04 5.03")]
    [TestCase(0xffu, "")]
    public void Classes_that_are_named_are_not_answered(uint value, string answered)
    {
        var id = 0;
        foreach (var path in new[] { "/any", "/at-once" })
        {
            foreach (var code in new[] { "2.04", "4.04", "5.03" })
            {
                _answer = new CoapResponse(Code(code));
                var wanted = answered.Contains(code, StringComparison.Ordinal);

                // A CON is acknowledged whatever becomes of it, or it would come again and again.
                Device.Send(CON, ++id, POST, path, "x", NoResponse(value)).Expect(ACK, id, wanted ? code : "0.00");
                Device.Send(NON, ++id, POST, path, "x", NoResponse(value));
                _ = wanted ? Device.Expect(NON, code) : Device.ExpectSilence();
            }
        }

        Assert.That(_asked, Is.EqualTo(6), "each was done all the same");
    }

    [Test]
    public void The_acknowledgement_alone_is_empty()
    {
        Device.Send(CON, 1, POST, "/any", "x", NoResponse(2)).Expect(ACK, 1);
        Assert.That(Convert.ToHexStringLower(Device.LastDatagram), Is.EqualTo("60000001"));
    }

    // §2.1: 0 may be written as no byte at all.
    [TestCase("")]
    [TestCase("00")]
    public void Nothing_named_is_all_wanted(string value) =>
        Device.Send(CON, 1, POST, "/any", "x", new CoapOption(OptionNumber.NoResponse, Convert.FromHexString(value))).Expect(ACK, 1, "2.04");

    [Test]
    public void A_duplicate_gets_the_empty_acknowledgement_again_and_is_not_done_twice()
    {
        Device.Send(CON, 1, POST, "/any", "x", NoResponse(26)).Expect(ACK, 1).Send(CON, 1, POST, "/any", "x", NoResponse(26)).Expect(ACK, 1);
        Device.Send(NON, 2, POST, "/any", "x", NoResponse(26)).Send(NON, 2, POST, "/any", "x", NoResponse(26)).ExpectSilence();
        Assert.That(_asked, Is.EqualTo(2));
    }

    [TestCase(2u)]
    [TestCase(26u)]
    public void An_answer_that_comes_late_is_suppressed_as_well(uint value)
    {
        Device.Send(CON, 1, POST, "/slow", "x", NoResponse(value)).Send(NON, 2, POST, "/slow", "x", NoResponse(value)).ExpectSilence();
        _held.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(ACK, 1).ExpectSilence();
    }

    [Test]
    public void What_the_server_refuses_itself_is_suppressed_as_well()
    {
        Device.Send(CON, 1, GET, "/nowhere", "", NoResponse(8)).Expect(ACK, 1);
        Device.Send(CON, 2, DELETE, "/any", "", NoResponse(8)).Expect(ACK, 2);
        Device.Send(CON, 3, GET, "/any", "", Opaque(OptionNumber.UriHost, 0), NoResponse(8)).Expect(ACK, 3);
        Device.Send(CON, 4, GET, "/any", "", NoResponse(8), Text(UnknownCritical, "x")).Expect(ACK, 4);
        Device.Send(CON, 5, GET, "/any", "", Text(OptionNumber.ProxyUri, "coap://a/"), NoResponse(16)).Expect(ACK, 5);
        Device.Send(CON, 6, GET, "/any", "", Text(OptionNumber.ProxyUri, "coap://a/"), NoResponse(8)).Expect(ACK, 6, "5.05");
    }

    [Test]
    public void What_fails_is_suppressed_as_well()
    {
        Device.Send(CON, 1, GET, "/broken", "", NoResponse(16)).Expect(ACK, 1).Send(CON, 2, GET, "/broken", "", NoResponse(8)).Expect(ACK, 2, "5.00");
        Assert.That(Server.Log.TakeErrors(), Has.Exactly(2).Contains("a defect"), "the operator hears of it");
    }

    // §2.1: at most one byte long. RFC 7252 §5.4.3: an elective option of a wrong length is ignored.
    [TestCase("001a")]
    [TestCase("1a1a1a1a")]
    public void A_value_of_more_than_one_byte_is_ignored(string value) =>
        Device.Send(CON, 1, POST, "/any", "x", new CoapOption(OptionNumber.NoResponse, Convert.FromHexString(value))).Expect(ACK, 1, "2.04");

    // RFC 7252 §5.4.5.
    [Test]
    public void Of_several_the_first_counts()
    {
        Device.Send(CON, 1, POST, "/any", "x", NoResponse(8), NoResponse(26)).Expect(ACK, 1, "2.04");
        Device.Send(CON, 2, POST, "/any", "x", NoResponse(2), NoResponse(0)).Expect(ACK, 2);
    }

    // It speaks of answers; what rejects a message is none.
    [Test]
    public void A_malformed_message_is_reset_all_the_same() => Device.SendBytes([0x40, 0x02, 0x00, 0x01, 0xe1, 0, 0]).Expect(RST, 1);

    private static CoapOption NoResponse(uint value) => Number(OptionNumber.NoResponse, value);

    private sealed class AnswersAtOnce(Func<CoapResponse> answer) : CoapResource
    {
        public override IReadOnlySet<CoapCode> Methods { get; } = new HashSet<CoapCode> { CoapCode.Post };

        public override CoapResponse? AnswerAtOnce(RequestView request) => answer();

        public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation) =>
            throw new InvalidOperationException("it answers at once");
    }
}
