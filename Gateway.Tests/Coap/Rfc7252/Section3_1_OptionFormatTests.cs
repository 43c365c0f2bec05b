using Gateway.Coap;
using static Gateway.Tests.Coap.Rfc7252.WireText;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §3.1: deltas and lengths in all their forms.</summary>
internal sealed class Section3_1_OptionFormatTests
{
    [TestCase("40010001 b0 00", "Confirmable GET 0x0001  11= 11= |", TestName = "Empty_options")]
    [TestCase("40010001 b1 61 01 62", "Confirmable GET 0x0001  11=a 11=b |", TestName = "A_delta_of_0_repeats_the_number")]
    [TestCase("40010001 b1 61 41 62", "Confirmable GET 0x0001  11=a 15=b |", TestName = "A_delta_counts_from_the_option_before")]
    [TestCase("40010001 c1 61", "Confirmable GET 0x0001  12=a |", TestName = "Delta_12")]
    [TestCase("40010001 d1 00 61", "Confirmable GET 0x0001  13=a |", TestName = "Delta_13")]
    [TestCase("40010001 d1 ff 61", "Confirmable GET 0x0001  268=a |", TestName = "Delta_268")]
    [TestCase("40010001 e1 0000 61", "Confirmable GET 0x0001  269=a |", TestName = "Delta_269")]
    [TestCase("40010001 e1 fef2 61", "Confirmable GET 0x0001  65535=a |", TestName = "Delta_65535")]
    [TestCase("40010001 d1 ff 61 e1 fde6 62", "Confirmable GET 0x0001  268=a 65535=b |", TestName = "Two_extended_deltas_up_to_the_last_number")]
    [TestCase("40010001 b1 61 ff 62", "Confirmable GET 0x0001  11=a |b", TestName = "The_marker_ends_the_options")]
    public void An_option_is_read_and_written_as_the_RFC_draws_it(string hex, string meaning)
    {
        var datagram = Bytes(hex);

        Assert.That(CoapCodec.TryDecode(datagram, out var message, out _), Is.True);
        Assert.That(Describe(message!), Is.EqualTo(meaning));
        Assert.That(CoapCodec.Encode(message!), Is.EqualTo(datagram));
    }

    [TestCase(0, "b0")]
    [TestCase(12, "bc")]
    [TestCase(13, "bd00")]
    [TestCase(268, "bdff")]
    [TestCase(269, "be0000")]
    [TestCase(1034, "be02fd")]
    [TestCase(65000, "befcdb")]
    public void A_length_takes_as_few_bytes_as_it_can(int length, string head)
    {
        var message = new CoapMessage(MessageType.Confirmable, CoapCode.Get, new MessageId(1))
        {
            Options = [new CoapOption(11, Enumerable.Repeat((byte)'x', length).ToArray())],
        };

        var datagram = CoapCodec.Encode(message);
        Assert.That(Convert.ToHexStringLower(datagram), Does.StartWith("40010001" + head));
        Assert.That(datagram, Has.Length.EqualTo(4 + (head.Length / 2) + length));
        Assert.That(CoapCodec.TryDecode(datagram, out var decoded, out _), Is.True);
        Assert.That(decoded!.Options.Single().Value.ToArray(), Is.EqualTo(message.Options[0].Value.ToArray()));
    }

    // RFC 7252 §3.1 asks a sender for the short form of nothing: what says the same in more bytes is read.
    [TestCase("40010001 b1 61", "11")]
    [TestCase("40010001 d1 00 61", "13")]
    [TestCase("40010001 bd 00 61616161616161616161616161", "11")]
    [TestCase("40010001 dd 0000 61616161616161616161616161", "13")]
    [TestCase("40010001 ee 0000 0000", "", Description = "269 bytes are announced and none are there")]
    public void Delta_and_length_may_both_be_extended(string hex, string numbers)
    {
        var read = CoapCodec.TryDecode(Bytes(hex), out var message, out _);

        Assert.That(read, Is.EqualTo(numbers.Length > 0));
        Assert.That(read ? string.Join(' ', message!.Options.Select(option => option.Number)) : "", Is.EqualTo(numbers));
    }

    [TestCase("40010001 b2 61", DecodeError.TruncatedOption)]
    [TestCase("40010001 d0", DecodeError.TruncatedOption)]
    [TestCase("40010001 e0", DecodeError.TruncatedOption)]
    [TestCase("40010001 e0 00", DecodeError.TruncatedOption)]
    [TestCase("40010001 0d", DecodeError.TruncatedOption)]
    [TestCase("40010001 0e", DecodeError.TruncatedOption)]
    [TestCase("40010001 0e 00", DecodeError.TruncatedOption)]
    [TestCase("40010001 0d 00 61", DecodeError.TruncatedOption)]
    [TestCase("40010001 0e ffff 61", DecodeError.TruncatedOption)]
    [TestCase("40010001 dd 00", DecodeError.TruncatedOption)]
    [TestCase("40010001 b1 61 05", DecodeError.TruncatedOption)]
    [TestCase("40010001 f0", DecodeError.ReservedOptionNibble)]
    [TestCase("40010001 f1 61", DecodeError.ReservedOptionNibble)]
    [TestCase("40010001 0f", DecodeError.ReservedOptionNibble)]
    [TestCase("40010001 bf 61", DecodeError.ReservedOptionNibble)]
    [TestCase("40010001 b1 61 0f", DecodeError.ReservedOptionNibble)]
    [TestCase("40010001 e0 fef3", DecodeError.OptionNumberTooLarge)]
    [TestCase("40010001 e0 ffff", DecodeError.OptionNumberTooLarge)]
    [TestCase("40010001 e0 fef2 10", DecodeError.OptionNumberTooLarge)]
    public void What_is_no_option_is_said_to_be_none(string hex, DecodeError expected) => AssertRefused(hex, expected);

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

    [TestCase(-1)]
    [TestCase(65536)]
    public void An_option_number_that_there_can_not_be_is_a_fault_of_the_caller(int number)
    {
        var message = new CoapMessage(MessageType.Confirmable, CoapCode.Get, new MessageId(1)) { Options = [Text(number, "")] };

        Assert.That(() => CoapCodec.Encode(message), Throws.ArgumentException.With.Message.Contains($"{number}"));
    }
}
