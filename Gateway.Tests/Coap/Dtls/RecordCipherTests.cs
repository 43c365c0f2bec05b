using System.Buffers.Binary;
using System.Security.Cryptography;
using CsCheck;
using Gateway.Coap.Dtls;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>
/// Records as RFC 5246 §6.2.3.3, RFC 6655 §3, RFC 5288 §3 and RFC 9146 §5.3 say, put together here by .NET's own AES from the formulas of those.
/// </summary>
internal sealed class RecordCipherTests
{
    private const ulong Numbers = (1UL << 48) | 42;

    // No key seals two records of one number: BouncyCastle would not have it.
    private static ulong _lastNumbers = Numbers;

    private static readonly byte[] Id = [0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];

    [TestCaseSource(nameof(Suites))]
    public void A_record_is_what_the_RFCs_say(string suite, bool named)
    {
        var (kind, key) = KeyOf(suite);
        var message = "the cellar is dry"u8.ToArray();
        var room = new byte[200];

        var numbers = Interlocked.Increment(ref _lastNumbers);
        var length = RecordCipher.Mine.Seal(kind, key, RecordType.ApplicationData, numbers, named ? Id : [], message, room);

        Assert.That(room[..length], Is.EqualTo(Computed(kind, key, RecordType.ApplicationData, named ? Id : [], message, padding: 0, numbers)));
        Assert.That(length, Is.EqualTo(message.Length + RecordCipher.Overhead(kind, named ? Id.Length : 0)));
    }

    [TestCaseSource(nameof(Suites))]
    public void What_is_sealed_opens_as_it_was(string suite, bool named) => Gen.Select(Gen.Int[20, 23], Gen.Byte.Array[0, 3000]).Sample(
        (type, message) =>
        {
            var (kind, key) = KeyOf(suite);
            var room = new byte[message.Length + 100];
            var length = RecordCipher.Mine.Seal(kind, key, (RecordType)type, Interlocked.Increment(ref _lastNumbers), named ? Id : [], message, room);

            Assert.That(TryOpen(kind, key, room[..length], out var found, out var opened), Is.True);
            Assert.That((found, opened.Length), Is.EqualTo(((RecordType)type, message.Length)));
            Assert.That(opened, Is.EqualTo(message));
        },
        iter: 100);

    [TestCaseSource(nameof(Suites))]
    public void A_record_of_which_a_bit_has_changed_does_not_open(string suite, bool named)
    {
        var (kind, key) = KeyOf(suite);
        var sealedRecord = Computed(kind, key, RecordType.ApplicationData, named ? Id : [], "dry"u8.ToArray(), padding: 0);
        for (var bit = 0; bit < sealedRecord.Length * 8; bit++)
        {
            var changed = sealedRecord.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            if (Record.TryRead(changed, Id.Length, out _))
            {
                Assert.That(TryOpen(kind, key, changed, out _, out _), Is.False, $"bit {bit}");
            }
        }
    }

    [TestCaseSource(nameof(Suites))]
    public void A_record_of_any_length_opens_or_does_not(string suite, bool named) => Gen.Byte.Array[0, 60].Sample(
        fragment =>
        {
            var (kind, key) = KeyOf(suite);
            var record = new byte[Record.HeaderSize + Id.Length + fragment.Length];
            var head = Record.WriteHead(record, named ? RecordType.WithConnectionId : RecordType.ApplicationData, Numbers, named ? Id : [], fragment.Length);
            fragment.CopyTo(record, head);

            Assert.That(TryOpen(kind, key, record[..(head + fragment.Length)], out _, out _), Is.False);
        },
        iter: 500);

    // RFC 9146 §4: the zeros behind the type hide how long the message is.
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(100)]
    public void What_pads_a_message_is_no_part_of_it(int padding)
    {
        var (kind, key) = KeyOf("PSK_WITH_AES_128_CCM_8");
        byte[] message = [1, 0, 0];

        Assert.That(TryOpen(kind, key, Computed(kind, key, RecordType.Alert, Id, message, padding), out var type, out var opened), Is.True);
        Assert.That((type, opened), Is.EqualTo((RecordType.Alert, message)));
    }

    [Test]
    public void A_record_of_zeros_alone_has_no_type_and_does_not_open()
    {
        var (kind, key) = KeyOf("PSK_WITH_AES_128_GCM_SHA256");

        Assert.That(TryOpen(kind, key, Computed(kind, key, 0, Id, [], padding: 7), out _, out _), Is.False);
    }

    [Test]
    public void Each_side_has_a_key_of_its_own()
    {
        var suite = RecordSuite.All.Single(known => known.Name == "PSK_WITH_AES_128_CCM_8");
        byte[] block = [.. Enumerable.Range(0, suite.KeyBlockSize).Select(number => (byte)number)];

        var (client, server) = RecordKey.Cut(suite, block);

        Assert.That((client.Key, server.Key), Is.EqualTo((block[..16], block[16..32])));
        Assert.That((client.ImplicitNonce, server.ImplicitNonce), Is.EqualTo((0x20212223u, 0x24252627u)));
    }

    private static IEnumerable<object[]> Suites() =>
        from suite in RecordSuite.All
        where suite.Name is "PSK_WITH_AES_128_CCM_8" or "PSK_WITH_AES_256_CCM_8" or "PSK_WITH_AES_128_CCM" or "PSK_WITH_AES_128_GCM_SHA256" or "PSK_WITH_AES_256_GCM_SHA384"
        from named in new[] { false, true }
        select new object[] { suite.Name, named };

    private static (RecordSuite Suite, RecordKey Key) KeyOf(string name)
    {
        var suite = RecordSuite.All.Single(known => known.Name == name);
        return (suite, new RecordKey([.. Enumerable.Range(0, suite.KeySize).Select(number => (byte)(number * 7))], 0xa0a1a2a3));
    }

    private static bool TryOpen(RecordSuite suite, in RecordKey key, byte[] bytes, out RecordType type, out byte[] message)
    {
        Assert.That(Record.TryRead(bytes, Id.Length, out var record), Is.True);
        var isOpen = RecordCipher.Mine.TryOpen(suite, key, record, new byte[bytes.Length], out type, out var opened);
        message = opened.ToArray();
        return isOpen;
    }

    private static byte[] Computed(RecordSuite suite, in RecordKey key, RecordType type, byte[] id, byte[] message, int padding, ulong recordNumbers = Numbers)
    {
        var named = id.Length > 0;
        byte[] content = named ? [.. message, (byte)type, .. new byte[padding]] : message;
        byte[] numbers = BigEndian(recordNumbers, 8), version = [0xfe, 0xfd], length = BigEndian((ulong)content.Length, 2);
        byte[] nonce = [.. BigEndian(key.ImplicitNonce, 4), .. numbers];
        byte[] associated = named
            ? [.. Enumerable.Repeat((byte)0xff, 8), 25, (byte)id.Length, 25, .. version, .. numbers, .. id, .. length]
            : [.. numbers, (byte)type, .. version, .. length];
        var text = new byte[content.Length];
        var tag = new byte[suite.TagSize];
        if (suite.Counter)
        {
            using var ccm = new AesCcm(key.Key);
            ccm.Encrypt(nonce, content, text, tag, associated);
        }
        else
        {
            using var gcm = new AesGcm(key.Key, suite.TagSize);
            gcm.Encrypt(nonce, content, text, tag, associated);
        }

        byte[] fragment = [.. numbers, .. text, .. tag];
        return [named ? (byte)25 : (byte)type, .. version, .. numbers, .. id, .. BigEndian((ulong)fragment.Length, 2), .. fragment];
    }

    private static byte[] BigEndian(ulong value, int size)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes[^size..];
    }
}
