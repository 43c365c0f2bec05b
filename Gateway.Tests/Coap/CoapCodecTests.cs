using System.Text;
using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>The codec against the RFC's own examples and against each of its limits.</summary>
internal sealed class CoapCodecTests
{
    [TestCase("40017d34bb74656d7065726174757265", "Confirmable GET 0x7d34  11=temperature |", TestName = "RFC_7252_figure_16_request")]
    [TestCase("60457d34ff32322e332043", "Acknowledgement 2.05 0x7d34  |22.3 C", TestName = "RFC_7252_figure_16_answer")]
    [TestCase("41017d3520bb74656d7065726174757265", "Confirmable GET 0x7d35 20 11=temperature |", TestName = "RFC_7252_figure_17_request")]
    [TestCase("61457d3520ff32322e332043", "Acknowledgement 2.05 0x7d35 20 |22.3 C", TestName = "RFC_7252_figure_17_answer")]
    [TestCase("70007d38", "Reset 0.00 0x7d38  |", TestName = "RFC_7252_figure_21_reset")]
    [TestCase("50007d38", "NonConfirmable 0.00 0x7d38  |", TestName = "Empty_NON")]
    [TestCase("48010001 0102030405060708", "Confirmable GET 0x0001 0102030405060708 |", TestName = "Token_of_eight_bytes")]
    [TestCase("40010001 b0 00", "Confirmable GET 0x0001  11= 11= |", TestName = "Empty_options")]
    [TestCase("40010001 d1 00 61", "Confirmable GET 0x0001  13=a |", TestName = "Delta_13")]
    [TestCase("40010001 d1 ff 61", "Confirmable GET 0x0001  268=a |", TestName = "Delta_268")]
    [TestCase("40010001 e1 0000 61", "Confirmable GET 0x0001  269=a |", TestName = "Delta_269")]
    [TestCase("40010001 e1 fef2 61", "Confirmable GET 0x0001  65535=a |", TestName = "Delta_65535")]
    public void A_message_is_read_and_written_as_the_RFC_draws_it(string hex, string meaning)
    {
        var datagram = Bytes(hex);

        Assert.That(CoapCodec.TryDecode(datagram, out var message, out _), Is.True);
        Assert.That(Describe(message!), Is.EqualTo(meaning));
        Assert.That(CoapCodec.Encode(message!), Is.EqualTo(datagram));
    }

    [TestCase("", DecodeError.TooShort)]
    [TestCase("400100", DecodeError.TooShort)]
    [TestCase("00010001", DecodeError.WrongVersion)]
    [TestCase("80010001", DecodeError.WrongVersion)]
    [TestCase("cf010001 ff", DecodeError.WrongVersion)]
    [TestCase("49010001 010203040506070809", DecodeError.ReservedTokenLength)]
    [TestCase("4f010001 0102030405060708090a0b0c0d0e0f", DecodeError.ReservedTokenLength)]
    [TestCase("44010001 010203", DecodeError.TruncatedToken)]
    [TestCase("40010001 b2 61", DecodeError.TruncatedOption)]
    [TestCase("40010001 d0", DecodeError.TruncatedOption)]
    [TestCase("40010001 e0 00", DecodeError.TruncatedOption)]
    [TestCase("40010001 0d", DecodeError.TruncatedOption)]
    [TestCase("40010001 0e 00", DecodeError.TruncatedOption)]
    [TestCase("40010001 f0", DecodeError.ReservedOptionNibble)]
    [TestCase("40010001 0f", DecodeError.ReservedOptionNibble)]
    [TestCase("40010001 e0 fef3", DecodeError.OptionNumberTooLarge)]
    [TestCase("40010001 e0 fef2 10", DecodeError.OptionNumberTooLarge)]
    [TestCase("40010001 ff", DecodeError.EmptyPayload)]
    [TestCase("40010001 b1 61 ff", DecodeError.EmptyPayload)]
    [TestCase("41000001 aa", DecodeError.EmptyMessageWithContent)]
    [TestCase("40000001 b1 61", DecodeError.EmptyMessageWithContent)]
    [TestCase("40000001 ff 61", DecodeError.EmptyMessageWithContent)]
    [TestCase("60000001 ff", DecodeError.EmptyMessageWithContent)]
    public void What_is_no_message_is_said_to_be_none(string hex, DecodeError expected)
    {
        Assert.That(CoapCodec.TryDecode(Bytes(hex), out var message, out var error), Is.False);
        Assert.That(error, Is.EqualTo(expected));
        Assert.That(message, Is.Null);
        Assert.That(error.IsFormatError(), Is.EqualTo(expected is not (DecodeError.TooShort or DecodeError.WrongVersion)));
    }

    [Test]
    public void Options_are_put_in_order_and_those_of_one_number_stay_in_theirs()
    {
        var message = new CoapMessage(MessageType.Confirmable, CoapCode.Get, new MessageId(1))
        {
            Options = [Text(15, "q"), Text(11, "a"), Text(65001, "x"), Text(11, "b"), Text(11, "c")],
        };

        Assert.That(CoapCodec.TryDecode(CoapCodec.Encode(message), out var decoded, out _), Is.True);
        Assert.That(Describe(decoded!), Is.EqualTo("Confirmable GET 0x0001  11=a 11=b 11=c 15=q 65001=x |"));
    }

    [Test]
    public void A_decoded_message_keeps_nothing_of_the_buffer_it_was_read_from()
    {
        var datagram = Bytes("41017d3520b161ff62");
        Assert.That(CoapCodec.TryDecode(datagram, out var message, out _), Is.True);
        Array.Clear(datagram);

        Assert.That(Describe(message!), Is.EqualTo("Confirmable GET 0x7d35 20 11=a |b"));
    }

    [TestCase(-1)]
    [TestCase(65536)]
    public void An_option_number_that_there_can_not_be_is_a_fault_of_the_caller(int number)
    {
        var message = new CoapMessage(MessageType.Confirmable, CoapCode.Get, new MessageId(1)) { Options = [Text(number, "")] };

        Assert.That(() => CoapCodec.Encode(message), Throws.ArgumentException.With.Message.Contains($"{number}"));
    }

    [TestCase(0u, "")]
    [TestCase(1u, "01")]
    [TestCase(255u, "ff")]
    [TestCase(256u, "0100")]
    [TestCase(65536u, "010000")]
    [TestCase(uint.MaxValue, "ffffffff")]
    public void A_number_takes_as_few_bytes_as_it_can(uint value, string hex)
    {
        var option = UintOption.Of(OptionNumber.MaxAge, value);

        Assert.That(Convert.ToHexStringLower(option.Value.Span), Is.EqualTo(hex));
        Assert.That(UintOption.Read(option.Value.Span), Is.EqualTo(value));
        Assert.That(UintOption.Read([0, .. option.Value.Span]), Is.EqualTo(value), "leading zeros are taken");
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static CoapOption Text(int number, string text) => new(number, Encoding.UTF8.GetBytes(text));

    private static string Describe(CoapMessage message) =>
        $"{message.Type} {message.Code} {message.Id} {message.Token} "
        + string.Concat(message.Options.Select(option => $"{option.Number}={Encoding.UTF8.GetString(option.Value.Span)} "))
        + $"|{Encoding.UTF8.GetString(message.Payload.Span)}";
}
