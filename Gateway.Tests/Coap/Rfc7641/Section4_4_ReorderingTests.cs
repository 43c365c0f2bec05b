namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>RFC 7641 §4.4 and §3.4: by the sequence numbers a client tells which of two notifications is the newer one.</summary>
internal sealed class Section4_4_ReorderingTests : ObserveTest
{
    [Test]
    public void They_grow_from_the_first_answer_on_however_fast_they_follow()
    {
        Bench.Get(First);
        var last = ObserveBench.SequenceOf(Bench.Last);
        for (var round = 1; round <= 1000; round++)
        {
            Bench.Change($"{round}");
            Bench.Acknowledge(Bench.Last);
            var next = ObserveBench.SequenceOf(Bench.Last);
            Assert.That(IsNewer(next, last), Is.True, $"{next} after {last}");
            last = next;
        }
    }

    [TestCase(0.001)]
    [TestCase(120)]
    [TestCase(7200)]
    public void They_grow_however_slowly_they_follow_and_past_the_24_bits(double seconds)
    {
        Bench.Get(First);
        for (var round = 1; round <= 20; round++)
        {
            var last = ObserveBench.SequenceOf(Bench.Last);
            Bench.Time.Advance(TimeSpan.FromSeconds(seconds));
            Bench.Acknowledge(Bench.Last);
            Bench.Change($"{round}");
            Assert.That(seconds > 128 || IsNewer(ObserveBench.SequenceOf(Bench.Last), last), Is.True);
            Assert.That(ObserveBench.SequenceOf(Bench.Last), Is.LessThan(1 << 24));
            Bench.Acknowledge(Bench.Last);
        }
    }

    [Test]
    public void A_new_registration_goes_on_from_the_old_one()
    {
        Bench.Get(First);
        var first = ObserveBench.SequenceOf(Bench.Last);
        Bench.Get(First);

        Assert.That(IsNewer(ObserveBench.SequenceOf(Bench.Last), first), Is.True);
    }

    // RFC 7641 §3.4, without the 128 seconds.
    private static bool IsNewer(uint next, uint last) => (last < next && next - last < 1 << 23) || (last > next && last - next > 1 << 23);
}
