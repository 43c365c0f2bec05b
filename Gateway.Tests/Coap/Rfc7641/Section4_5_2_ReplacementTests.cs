using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>RFC 7641 §4.5.2, Advanced Transmission: a newer notification takes the place of one that waits.</summary>
internal sealed class Section4_5_2_ReplacementTests : OutboxTest
{
    [Test]
    public void It_goes_out_when_the_attempt_under_way_times_out_under_a_new_ID_and_keeps_the_counter()
    {
        var first = Bench.Send("old");
        Assert.That(Bench.Replace(first, "new"), Is.True);
        Assert.That(Bench.Payloads, Is.EqualTo(new[] { "old" }));

        Bench.Exhaust();

        Assert.That(Bench.Payloads, Is.EqualTo(new[] { "old", "new", "new", "new", "new" }));
        Assert.That(Bench.Sent.Skip(1).Select(sent => sent.Message.Id).Distinct().Single(), Is.Not.EqualTo(first));
        Assert.That(Bench.Ended, Is.EqualTo(new[] { "old GivenUp" }), "the name stays, and it ends once");
    }

    [Test]
    public void It_goes_out_at_once_when_the_attempt_under_way_is_acknowledged_and_begins_anew()
    {
        var first = Bench.Send("old");
        Bench.Advance(3.1);
        Bench.Replace(first, "new");
        Bench.Settle(first);
        Assert.That(Bench.Payloads, Is.EqualTo(new[] { "old", "old", "new" }));
        Assert.That(Bench.Ended, Is.Empty);

        Bench.Exhaust();
        Assert.That(Bench.Payloads.Count(text => text == "new"), Is.EqualTo(5));
    }

    [Test]
    public void Of_several_only_the_newest_goes_out()
    {
        var first = Bench.Send("1");
        Bench.Replace(first, "2");
        Bench.Replace(first, "3");
        Bench.Settle(first);

        Assert.That(Bench.Payloads, Is.EqualTo(new[] { "1", "3" }));
        Assert.That(Bench.Settle(Bench.Sent[^1].Message.Id), Is.True);
        Assert.That(Bench.Ended, Is.EqualTo(new[] { "1 Acknowledged" }));
        Assert.That(Bench.Replace(first, "4"), Is.False, "it waits no longer");
    }

    [Test]
    public void An_acknowledgement_of_the_old_one_does_not_end_the_new_one_but_a_reset_does()
    {
        var first = Bench.Send("old");
        Bench.Replace(first, "new");
        Bench.Advance(3.1);
        Assert.That(Bench.Payloads, Is.EqualTo(new[] { "old", "new" }));

        Assert.That(Bench.Settle(first), Is.True);
        Assert.That(Bench.Ended, Is.Empty);
        Assert.That(Bench.Replace(first, "newest"), Is.True);

        Bench.Settle(first, TransmissionEnd.Reset);
        Assert.That(Bench.Ended, Is.EqualTo(new[] { "old Reset" }));
    }

    [Test]
    public void What_has_not_gone_out_yet_is_replaced_where_it_stands()
    {
        var first = Bench.Send("a");
        var second = Bench.Send("old");
        Bench.Replace(second, "new");
        Bench.Settle(first);

        Assert.That(Bench.Payloads, Is.EqualTo(new[] { "a", "new" }));
        Assert.That(Bench.Sent[1].Message.Id, Is.EqualTo(second));
    }

    [Test]
    public void A_thousand_replacements_and_acknowledgements_are_one_transmission()
    {
        var name = Bench.Send("0");
        for (var round = 1; round <= 1000; round++)
        {
            Assert.That(Bench.Replace(name, $"{round}"), Is.True);
            Assert.That(Bench.Settle(Bench.Sent[^1].Message.Id), Is.True);
        }

        Assert.That(Bench.Settle(Bench.Sent[^1].Message.Id), Is.True);
        Assert.That(Bench.Ended, Is.EqualTo(new[] { "0 Acknowledged" }));
    }
}
