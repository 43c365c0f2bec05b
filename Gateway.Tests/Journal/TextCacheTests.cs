using System.Text;
using CsCheck;
using Gateway.Journal;

namespace Gateway.Tests.Journal;

/// <summary>The texts that are kept once: always those that were asked for, whoever asks at the same time.</summary>
internal sealed class TextCacheTests
{
    // All threads share the texts, and other tests fill them: what is asked for here is nowhere else.
    private static readonly string Own = Guid.NewGuid().ToString("N");

    [Test]
    public void A_text_that_comes_again_is_the_same_one()
    {
        // What is in its place comes from elsewhere; the second time it has to leave.
        _ = TextCache.Of(Encoding.UTF8.GetBytes(Own));
        _ = TextCache.Of(Encoding.UTF8.GetBytes(Own));

        var kept = TextCache.Of(Encoding.UTF8.GetBytes(Own));
        Assert.That(TextCache.Of(Encoding.UTF8.GetBytes(Own)), Is.SameAs(kept).And.EqualTo(Own));
        Assert.That(TextCache.Of(new string(Own)), Is.SameAs(kept), "read or handed in");
    }

    [Test]
    public void Whatever_is_asked_for_comes_out_as_it_went_in() =>
        Gen.OneOf(Gen.String, Gen.Char['a', 'c'].Array[0, 3].Select(letters => new string(letters)), Gen.Char['a', 'z'].Array[60, 70].Select(letters => new string(letters)))
            .Where(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text)
            .Sample(text => TextCache.Of(Encoding.UTF8.GetBytes(text)) == text && TextCache.Of(text) == text && TextCache.Of(Encoding.UTF8.GetBytes(text)) == text, iter: 10_000);

    [Test]
    public void Bytes_that_are_no_UTF_8_are_read_with_replacements() =>
        Assert.That((TextCache.Of([0xc3, 0x28]), TextCache.Of([0xff]), TextCache.Of("�("u8)), Is.EqualTo(("�(", "�", "�(")));

    // 64 bytes are kept, 65 are not.
    [Test]
    public void A_long_text_is_made_each_time()
    {
        var (longest, tooLong) = (Own + Own, Own + Own + "x");
        for (var time = 0; time < 2; time++)
        {
            _ = TextCache.Of(longest);
            _ = TextCache.Of(tooLong);
        }

        Assert.That(TextCache.Of(Encoding.UTF8.GetBytes(longest)), Is.SameAs(TextCache.Of(longest)));
        Assert.That(TextCache.Of(Encoding.UTF8.GetBytes(tooLong)), Is.EqualTo(tooLong).And.Not.SameAs(TextCache.Of(tooLong)));
    }

    [Test]
    public void Of_texts_that_share_a_place_the_one_is_kept_that_is_asked_for()
    {
        var kept = Kept($"{Own}k");
        var rival = Enumerable.Range(0, 1_000_000).Select(number => $"{Own}{number}").First(name =>
        {
            _ = TextCache.Of(name);
            _ = TextCache.Of(name);
            return !ReferenceEquals(TextCache.Of(new string(kept)), kept);
        });

        var there = TextCache.Of(new string(rival));
        for (var round = 0; round < 10; round++)
        {
            Assert.That(TextCache.Of(Encoding.UTF8.GetBytes(kept)), Is.EqualTo(kept).And.Not.SameAs(kept));
            Assert.That(TextCache.Of(new string(rival)), Is.SameAs(there), "taking turns costs it nothing");
        }
    }

    [Test]
    public void Threads_that_ask_at_once_get_what_they_ask_for()
    {
        // More than there are places, so that they take them from each other.
        var words = Enumerable.Range(0, 20_000).Select(number => $"{Own}{number}").ToArray();
        Parallel.For(0, 4, worker =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 100_000; i++)
            {
                var word = words[random.Next(words.Length)];
                Assert.That(TextCache.Of(Encoding.UTF8.GetBytes(word)), Is.EqualTo(word));
            }
        });
    }

    private static string Kept(string text)
    {
        _ = TextCache.Of(text);
        _ = TextCache.Of(text);
        return TextCache.Of(new string(text));
    }
}
