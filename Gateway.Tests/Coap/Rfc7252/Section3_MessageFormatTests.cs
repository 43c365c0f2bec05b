using Gateway.Coap;
using static Gateway.Tests.Coap.Rfc7252.WireText;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §3: header, token and payload, as the RFC draws them.</summary>
internal sealed class Section3_MessageFormatTests
{
    [TestCase("40010001", "Confirmable GET 0x0001  |", TestName = "Type_0_is_a_CON")]
    [TestCase("50010001", "NonConfirmable GET 0x0001  |", TestName = "Type_1_is_a_NON")]
    [TestCase("60450001", "Acknowledgement 2.05 0x0001  |", TestName = "Type_2_is_an_ACK")]
    [TestCase("70007d38", "Reset 0.00 0x7d38  |", TestName = "Type_3_is_a_reset")]
    [TestCase("50007d38", "NonConfirmable 0.00 0x7d38  |", TestName = "Empty_NON")]
    [TestCase("401f0001", "Confirmable 0.31 0x0001  |", TestName = "Class_0_has_details_up_to_31")]
    [TestCase("60ff0001", "Acknowledgement 7.31 0x0001  |", TestName = "The_last_code_is_7_31")]
    [TestCase("40010000", "Confirmable GET 0x0000  |", TestName = "The_first_message_ID")]
    [TestCase("4001ffff", "Confirmable GET 0xffff  |", TestName = "The_last_message_ID")]
    [TestCase("40011234", "Confirmable GET 0x1234  |", TestName = "The_message_ID_is_in_network_order")]
    [TestCase("41010001 00", "Confirmable GET 0x0001 00 |", TestName = "Token_of_one_byte")]
    [TestCase("48010001 0102030405060708", "Confirmable GET 0x0001 0102030405060708 |", TestName = "Token_of_eight_bytes")]
    [TestCase("40020001 ff 61", "Confirmable POST 0x0001  |a", TestName = "Payload_without_options")]
    [TestCase("42020001 cafe ff 61ff62", "Confirmable POST 0x0001 cafe |a<ff>b", TestName = "A_marker_within_the_payload_is_payload")]
    public void A_message_is_read_and_written_as_the_RFC_draws_it(string hex, string meaning)
    {
        var datagram = Bytes(hex);

        Assert.That(CoapCodec.TryDecode(datagram, out var message, out _), Is.True);
        Assert.That(Describe(message!), Is.EqualTo(meaning));
        Assert.That(CoapCodec.Encode(message!), Is.EqualTo(datagram));
    }

    [TestCase("", DecodeError.TooShort)]
    [TestCase("40", DecodeError.TooShort)]
    [TestCase("4001", DecodeError.TooShort)]
    [TestCase("400100", DecodeError.TooShort)]
    [TestCase("00010001", DecodeError.WrongVersion)]
    [TestCase("80010001", DecodeError.WrongVersion)]
    [TestCase("cf010001 ff", DecodeError.WrongVersion)]
    [TestCase("49010001 010203040506070809", DecodeError.ReservedTokenLength)]
    [TestCase("4f010001 0102030405060708090a0b0c0d0e0f", DecodeError.ReservedTokenLength)]
    [TestCase("41010001", DecodeError.TruncatedToken)]
    [TestCase("44010001 010203", DecodeError.TruncatedToken)]
    [TestCase("40010001 ff", DecodeError.EmptyPayload)]
    [TestCase("40010001 b1 61 ff", DecodeError.EmptyPayload)]
    public void What_is_no_message_is_said_to_be_none(string hex, DecodeError expected) => AssertRefused(hex, expected);

    [Test]
    public void A_decoded_message_keeps_nothing_of_the_buffer_it_was_read_from()
    {
        var datagram = Bytes("41017d3520b161ff62");
        Assert.That(CoapCodec.TryDecode(datagram, out var message, out _), Is.True);
        Array.Clear(datagram);

        Assert.That(Describe(message!), Is.EqualTo("Confirmable GET 0x7d35 20 11=a |b"));
    }

    [TestCase("0.01", "GET")]
    [TestCase("0.07", "iPATCH")]
    [TestCase("0.08", "0.08")]
    [TestCase("2.05", "2.05")]
    [TestCase("4.15", "4.15")]
    [TestCase("7.31", "7.31")]
    public void A_code_is_written_as_class_and_detail(string written, string shown)
    {
        Assert.That(CoapCode.TryParse(written, out var code), Is.True);
        Assert.That(code.ToString(), Is.EqualTo(shown));
        Assert.That($"{code.Class}.{code.Detail:00}", Is.EqualTo(written));
    }

    [TestCase("0.32")]
    [TestCase("8.00")]
    [TestCase("2.5")]
    [TestCase("2,05")]
    [TestCase("2.050")]
    [TestCase("")]
    public void What_is_no_code_is_not_read_as_one(string written) => Assert.That(CoapCode.TryParse(written, out _), Is.False);
}
