using Gateway.Coap;

namespace Gateway.Tests.Coap.Fuzz;

/// <summary>The codec, given what nobody would send.</summary>
internal sealed class CodecFuzzTests
{
    private const int UsualCases = 100_000;

    [Test]
    public void Every_reason_to_refuse_a_datagram_has_one_in_the_corpus()
    {
        var met = new HashSet<DecodeError>();
        foreach (var seed in Corpus.Seeds)
        {
            CoapCodec.TryDecode(seed.Datagram, out _, out var error);
            met.Add(error);
            var named = seed.Name.StartsWith("decode-errors.hex: ", StringComparison.Ordinal) ? seed.Name.Split(": ")[1] : error.ToString();
            Assert.That(error.ToString(), Is.EqualTo(named), seed.Name);
        }

        Assert.That(met, Is.EquivalentTo(Enum.GetValues<DecodeError>()));
    }

    [TestCaseSource(typeof(Corpus), nameof(Corpus.Seeds))]
    public void A_datagram_of_the_corpus_is_read_or_refused(Seed seed) => Check(seed.Datagram);

    [TestCaseSource(typeof(FuzzPlan), nameof(FuzzPlan.Seeds))]
    public void What_is_made_of_the_corpus_is_read_or_refused(int seed)
    {
        var mutator = new Mutator(Corpus.Seeds, new Random(seed));
        for (var number = 0; number < FuzzPlan.Cases(UsualCases); number++)
        {
            var (from, datagram) = mutator.Next();
            try
            {
                Check(datagram);
            }
            catch (Exception exception)
            {
                throw new AssertionException(FuzzPlan.Report(seed, number, from, datagram), exception);
            }
        }
    }

    // Never throws; and what is read means the same when it is written and read again.
    private static void Check(byte[] datagram)
    {
        var read = CoapCodec.TryDecode(datagram, out var message, out var error);
        if (read != (error == DecodeError.None) || read != (message is not null))
        {
            throw new AssertionException($"read: {read}, but {error}");
        }

        if (message is null)
        {
            return;
        }

        var written = CoapCodec.Encode(message);
        if (written.Length > datagram.Length)
        {
            throw new AssertionException("what is written is the shortest form, so it can't be longer than what was read");
        }

        if (!CoapCodec.TryDecode(written, out var again, out error) || !CoapCodec.Encode(again).AsSpan().SequenceEqual(written))
        {
            throw new AssertionException($"what was written reads otherwise: {error}");
        }

        foreach (var option in message.Options)
        {
            _ = BlockOption.TryRead(option.Value.Span, out _);
        }
    }
}
