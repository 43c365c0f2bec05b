using CsCheck;
using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>What must hold for every message and for every sequence of bytes.</summary>
internal sealed class CoapCodecProperties
{
    private static readonly Gen<byte[]> Value = Gen.Frequency(
        (8, Gen.Byte.Array[0, 20]),
        (1, Gen.Byte.Array[260, 280]),
        (1, Gen.Byte.Array[0, 1200]));

    private static readonly Gen<CoapOption> Option =
        Gen.Select(Gen.Frequency((6, Gen.Int[0, 60]), (2, Gen.Int[0, 600]), (1, Gen.Int[0, 65535])), Value, (number, value) => new CoapOption(number, value));

    private static readonly Gen<CoapMessage> Message = Gen.Select(
        Gen.Int[0, 3], Gen.Byte.Where(code => code != 0), Gen.UShort, Gen.Byte.Array[0, 8], Option.Array[0, 12], Gen.Byte.Array[0, 100],
        (type, code, id, token, options, payload) => new CoapMessage((MessageType)type, new CoapCode(code), new MessageId(id))
        {
            Token = Token.From(token),
            Options = options,
            Payload = payload,
        });

    [Test]
    public void What_is_written_reads_as_it_was() => Message.Sample(
        message =>
        {
            Assert.That(CoapCodec.TryDecode(CoapCodec.Encode(message), out var decoded, out var error), Is.True, error.ToString());
            AssertSame(decoded!, message with { Options = [.. message.Options.OrderBy(option => option.Number)] });
        },
        iter: 5_000);

    [Test]
    public void What_is_written_is_what_the_RFC_draws_and_not_a_byte_more() => Message.Sample(
        message => Assert.That(CoapCodec.Encode(message), Is.EqualTo(Drawn(message))),
        iter: 5_000);

    [Test]
    public void What_can_be_read_means_the_same_when_it_is_written_and_read_again() => Gen.Byte.Array[0, 60].Sample(
        bytes =>
        {
            if (CoapCodec.TryDecode(Plausible(bytes), out var message, out _))
            {
                Assert.That(CoapCodec.TryDecode(CoapCodec.Encode(message), out var again, out var error), Is.True, error.ToString());
                AssertSame(again!, message);
            }
        },
        iter: 50_000);

    [Test]
    public void No_bytes_make_the_decoder_throw() => Gen.Byte.Array[0, 300].Sample(ReadsOrRefuses, iter: 50_000);

    [Test]
    public void No_change_to_a_message_makes_the_decoder_throw() => Gen.Select(Message, Gen.Int[0, 4000], Gen.Byte, Gen.Int[0, 4000]).Sample(
        (message, at, value, length) =>
        {
            var datagram = CoapCodec.Encode(message);
            datagram[at % datagram.Length] = value;
            ReadsOrRefuses(datagram);
            ReadsOrRefuses(datagram[..(length % datagram.Length)]);
        },
        iter: 20_000);

    // RFC 7252 §3, figures 7 and 8, once more and as plainly as can be.
    private static byte[] Drawn(CoapMessage message)
    {
        var token = new byte[message.Token.Length];
        message.Token.CopyTo(token);
        List<byte> bytes = [(byte)(64 + (16 * (int)message.Type) + token.Length), message.Code.Value, High(message.Id.Value), Low(message.Id.Value), .. token];
        var previous = 0;
        foreach (var option in message.Options.OrderBy(option => option.Number))
        {
            var (delta, deltaMore) = Nibble(option.Number - previous);
            var (length, lengthMore) = Nibble(option.Value.Length);
            bytes.AddRange([(byte)((16 * delta) + length), .. deltaMore, .. lengthMore, .. option.Value.Span]);
            previous = option.Number;
        }

        return message.Payload.IsEmpty ? [.. bytes] : [.. bytes, 0xff, .. message.Payload.Span];
    }

    private static (int Nibble, byte[] More) Nibble(int value) => value switch
    {
        < 13 => (value, []),
        < 269 => (13, [(byte)(value - 13)]),
        _ => (14, [High(value - 269), Low(value - 269)]),
    };

    private static byte High(int value) => (byte)(value >> 8);

    private static byte Low(int value) => (byte)value;

    private static void ReadsOrRefuses(byte[] datagram)
    {
        var read = CoapCodec.TryDecode(datagram, out var message, out var error);
        Assert.That(read, Is.EqualTo(error == DecodeError.None));
        Assert.That(message, read ? Is.Not.Null : Is.Null);
    }

    // Random bytes that are at least of the right version, so that more than the header is tried.
    private static byte[] Plausible(byte[] bytes)
    {
        if (bytes.Length > 0)
        {
            bytes[0] = (byte)(0x40 | (bytes[0] & 0x33));
        }

        return bytes;
    }

    private static void AssertSame(CoapMessage actual, CoapMessage expected)
    {
        Assert.That((actual.Type, actual.Code, actual.Id, actual.Token), Is.EqualTo((expected.Type, expected.Code, expected.Id, expected.Token)));
        Assert.That(actual.Options.Select(Describe), Is.EqualTo(expected.Options.Select(Describe)));
        Assert.That(actual.Payload.ToArray(), Is.EqualTo(expected.Payload.ToArray()));
    }

    private static string Describe(CoapOption option) => $"{option.Number}={Convert.ToHexString(option.Value.Span)}";
}
