using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>
/// RFC 7252 §4.2 and §4.3, what comes from the internet: each is met with a reset or with silence, as the RFC says, and the server serves on.
/// </summary>
[TestFixture(true)]
[TestFixture(false)]
internal sealed class Section4_2_RejectionTests(bool batched)
{
    private TestServer _server = null!;
    private WirePeer _device = null!;

    [SetUp]
    public async Task SetUp()
    {
        var site = new TestSite { ["/m"] = new TestResource(_ => new CoapResponse(CoapCode.Changed)) };
        _server = await TestServer.StartAsync(site, new CoapSettings { Port = 0, BatchedIo = batched });
        _device = _server.NewPeer();
    }

    [TearDown]
    public async Task TearDown()
    {
        _device.Send(CON, 0x7777, POST, "/m", "still there?").Expect(ACK, 0x7777, "2.04");
        _device.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public void Token_lengths_from_9_to_15_are_reset([Range(9, 15)] int length) =>
        _device.SendBytes([(byte)(0x40 | length), 0x01, 0x12, 0x34, .. new byte[length]]).Expect(RST, 0x1234).ExpectSilence();

    [TestCase("40011234bb74", TestName = "A_truncated_option_is_reset")]
    [TestCase("40011234d1", TestName = "A_truncated_option_delta_is_reset")]
    [TestCase("40011234e000", TestName = "A_truncated_option_delta_of_two_bytes_is_reset")]
    [TestCase("400112341e00", TestName = "A_truncated_option_length_is_reset")]
    [TestCase("40011234f1ff61", TestName = "The_reserved_option_delta_15_is_reset")]
    [TestCase("400112341fff61", TestName = "The_reserved_option_length_15_is_reset")]
    [TestCase("40011234e0fef3", TestName = "An_option_number_beyond_65535_is_reset")]
    [TestCase("40011234ff", TestName = "A_payload_marker_without_payload_is_reset")]
    [TestCase("4101123a", TestName = "A_truncated_token_is_reset")]
    [TestCase("410012347f", TestName = "An_empty_message_with_a_token_is_reset")]
    [TestCase("40001234b161", TestName = "An_empty_message_with_an_option_is_reset")]
    [TestCase("40001234ff61", TestName = "An_empty_message_with_a_payload_is_reset")]
    public void A_CON_with_a_format_error_is_reset(string hex)
    {
        var datagram = Convert.FromHexString(hex);
        _device.SendBytes(datagram).Expect(RST, CoapCodec.IdOf(datagram).Value);

        // The same as NON, ACK and RST is ignored.
        for (var type = 1; type <= 3; type++)
        {
            _device.SendBytes([(byte)(datagram[0] | (type << 4)), .. datagram[1..]]).ExpectSilence();
        }
    }

    [TestCase("2.05", TestName = "An_answer_that_nobody_asked_for_is_reset")]
    [TestCase("1.00", TestName = "A_code_of_the_reserved_class_1_is_reset")]
    [TestCase("6.03", TestName = "A_code_of_the_reserved_class_6_is_reset")]
    [TestCase("7.31", TestName = "A_code_of_the_reserved_class_7_is_reset")]
    public void A_CON_that_is_no_request_is_reset(string code) => _device.Send(CON, 5, Code(code)).Expect(RST, 5).ExpectSilence();

    [TestCase("", TestName = "An_empty_datagram_is_ignored")]
    [TestCase("40", TestName = "A_single_byte_is_ignored")]
    [TestCase("400112", TestName = "Three_bytes_are_ignored")]
    [TestCase("00011234", TestName = "Version_0_is_ignored")]
    [TestCase("80011234", TestName = "Version_2_is_ignored")]
    [TestCase("c9011234", TestName = "Version_3_is_ignored_whatever_else_it_says")]
    public void What_has_no_message_ID_to_answer_to_is_ignored(string hex) => _device.SendBytes(Convert.FromHexString(hex)).ExpectSilence();

    [Test]
    public void Random_bytes_do_no_harm()
    {
        var noisy = _server.NewPeer();
        var random = new Random(2393);
        for (var round = 0; round < 2_000; round++)
        {
            var datagram = new byte[random.Next(0, 200)];
            random.NextBytes(datagram);
            noisy.SendBytes(datagram);
        }

        // Whatever came back: TearDown's device is served.
    }
}
