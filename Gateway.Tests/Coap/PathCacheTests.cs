using System.Text;
using CsCheck;
using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>The decoded paths that are kept: always those that were asked for, and never more than there is room for.</summary>
internal sealed class PathCacheTests
{
    private readonly PathCache _cache = new();

    [Test]
    public void A_path_that_is_asked_for_again_makes_no_strings()
    {
        var datagram = Datagram("devices", "cellar", "temperature");

        var path = Decode(datagram);
        Assert.That(path, Is.EqualTo(new[] { "devices", "cellar", "temperature" }));
        Assert.That(Decode(datagram), Is.SameAs(path));
        Assert.That(Decode(Datagram("devices", "cellar", "temperature")), Is.SameAs(path), "whatever datagram it stands in");
    }

    // Bytes that look alike, cut elsewhere: each pair differs only in where a segment ends, or in how many there are.
    [Test]
    public void Paths_that_look_alike_are_told_apart()
    {
        string[][] paths =
        [
            [], [""], ["", ""], ["", "", ""], ["a"], ["a", ""], ["", "a"], ["ab"], ["a", "b"], ["a\u0001b"], ["a", "\u0001b"], ["a\u0001", "b"],
            ["\u0001a"], ["", "\u0001a"], ["\u0001a\u0001b"], ["a/b"], ["a", "b", ""], ["..", "a"], ["A"], ["\u00e4"], ["a\u0308"],
        ];
        for (var round = 0; round < 3; round++)
        {
            foreach (var path in paths)
            {
                Assert.That(Decode(Datagram(path)), Is.EqualTo(path));
            }
        }
    }

    // There are 1024 places: with so many paths, dozens come to each, and take it from one another.
    [Test]
    public void Very_many_paths_are_all_decoded_rightly_and_few_are_kept()
    {
        const int Paths = 20_000;
        var first = new WeakReference[Paths];
        for (var number = 0; number < Paths; number++)
        {
            first[number] = DecodeOnce(number);
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.That(first.Count(path => path.IsAlive), Is.GreaterThan(0).And.LessThanOrEqualTo(1024));
        GC.KeepAlive(_cache);
    }

    [Test]
    public void Of_two_paths_that_share_a_place_the_one_is_kept_that_is_asked_for()
    {
        // One that is asked for twice takes the place of one that is not: so a path whose place was taken is decoded anew.
        var first = Decode(Datagram("first"));
        var rival = Enumerable.Range(0, 100_000).Select(number => $"rival{number}").First(name =>
        {
            _ = Decode(Datagram(name));
            _ = Decode(Datagram(name));
            return !ReferenceEquals(Decode(Datagram("first")), first);
        });

        var second = Decode(Datagram(rival));
        Assert.That(second, Is.EqualTo(new[] { rival }));
        Assert.That(Decode(Datagram(rival)), Is.SameAs(second));
        for (var round = 0; round < 10; round++)
        {
            Assert.That(Decode(Datagram("first")), Is.EqualTo(first).And.Not.SameAs(first));
            Assert.That(Decode(Datagram(rival)), Is.SameAs(second), "taking turns costs it nothing");
        }
    }

    // What is kept is to stay small: 128 bytes are, 129 are not.
    [Test]
    public void A_long_path_is_decoded_each_time()
    {
        var (kept, tooLong) = (Decode(Datagram(new string('x', 128))), Decode(Datagram(new string('x', 129))));
        Assert.That(Decode(Datagram(new string('x', 128))), Is.SameAs(kept));
        Assert.That(Decode(Datagram(new string('x', 129))), Is.Not.SameAs(tooLong).And.EqualTo(tooLong));
        var longest = Enumerable.Range(0, 5).Select(number => new string((char)('a' + number), 255)).ToArray();
        Assert.That(Decode(Datagram(longest)), Is.EqualTo(longest));
    }

    // The request layer refuses it before (Section5_4_OptionTests); here it must only do no harm, to the cache's other paths neither.
    [Test]
    public void Bytes_that_are_no_UTF_8_are_decoded_with_replacements()
    {
        Assert.That(Decode(Datagram([[0xc3, 0x28]])), Is.EqualTo(new[] { "\ufffd(" }));
        Assert.That(Decode(Datagram([[0xff]])), Is.EqualTo(Decode(Datagram([[0xfe]]))).And.Not.SameAs(Decode(Datagram([[0xfe]]))));
        Assert.That(Decode(Datagram("\ufffd")), Is.EqualTo(new[] { "\ufffd" }));
    }

    [Test]
    public void Whatever_path_is_asked_for_comes_out_as_it_went_in() =>
        Gen.String.Where(text => Encoding.UTF8.GetByteCount(text) <= 100).Array[0, 12]
            .Where(path => path.All(segment => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(segment)) == segment))
            .Sample(path => new PathCacheTests().Decode(Datagram(path)).SequenceEqual(path), iter: 2_000);

    // In a method of its own, so that no register keeps what it made.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private WeakReference DecodeOnce(int number)
    {
        var path = Decode(Datagram("devices", $"{number}"));
        Assert.That(path, Is.EqualTo(new[] { "devices", $"{number}" }));
        return new WeakReference(path);
    }

    private IReadOnlyList<string> Decode(byte[] datagram) =>
        CoapCodec.TryRead(datagram, out var message, out var error) ? _cache.Decode(RequestOptions.Read(message).Path) : throw new AssertionException($"{error}");

    private static byte[] Datagram(params string[] path) => Datagram([.. path.Select(Encoding.UTF8.GetBytes)]);

    private static byte[] Datagram(byte[][] path) => CoapCodec.Encode(new CoapMessage(MessageType.Confirmable, CoapCode.Get, new MessageId(1))
    {
        Options = [.. path.Select(segment => new CoapOption(OptionNumber.UriPath, segment))],
    });
}
