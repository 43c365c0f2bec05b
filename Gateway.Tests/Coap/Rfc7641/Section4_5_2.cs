using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>RFC 7641 §4.5.2, Advanced Transmission: a newer notification takes the place of one that waits.</summary>
internal sealed class Section4_5_2
{
    private OutboxBench _bench = null!;

    [SetUp]
    public void SetUp() => _bench = new OutboxBench();

    [TearDown]
    public void TearDown() => _bench.Dispose();

    [Test]
    public void It_goes_out_when_the_attempt_under_way_times_out_under_a_new_ID_and_keeps_the_counter()
    {
        var first = _bench.Send("old");
        Assert.That(_bench.Replace(first, "new"), Is.True);
        Assert.That(_bench.Payloads, Is.EqualTo(new[] { "old" }));

        _bench.Exhaust();

        Assert.That(_bench.Payloads, Is.EqualTo(new[] { "old", "new", "new", "new", "new" }));
        Assert.That(_bench.Sent.Skip(1).Select(sent => sent.Message.Id).Distinct().Single(), Is.Not.EqualTo(first));
        Assert.That(_bench.Ended, Is.EqualTo(new[] { "old GivenUp" }), "the name stays, and it ends once");
    }

    [Test]
    public void It_goes_out_at_once_when_the_attempt_under_way_is_acknowledged_and_begins_anew()
    {
        var first = _bench.Send("old");
        _bench.Advance(3.1);
        _bench.Replace(first, "new");
        _bench.Settle(first);
        Assert.That(_bench.Payloads, Is.EqualTo(new[] { "old", "old", "new" }));
        Assert.That(_bench.Ended, Is.Empty);

        _bench.Exhaust();
        Assert.That(_bench.Payloads.Count(text => text == "new"), Is.EqualTo(5));
    }

    [Test]
    public void Of_several_only_the_newest_goes_out()
    {
        var first = _bench.Send("1");
        _bench.Replace(first, "2");
        _bench.Replace(first, "3");
        _bench.Settle(first);

        Assert.That(_bench.Payloads, Is.EqualTo(new[] { "1", "3" }));
        Assert.That(_bench.Settle(_bench.Sent[^1].Message.Id), Is.True);
        Assert.That(_bench.Ended, Is.EqualTo(new[] { "1 Acknowledged" }));
        Assert.That(_bench.Replace(first, "4"), Is.False, "it waits no longer");
    }

    [Test]
    public void An_acknowledgement_of_the_old_one_does_not_end_the_new_one_but_a_reset_does()
    {
        var first = _bench.Send("old");
        _bench.Replace(first, "new");
        _bench.Advance(3.1);
        Assert.That(_bench.Payloads, Is.EqualTo(new[] { "old", "new" }));

        Assert.That(_bench.Settle(first), Is.True);
        Assert.That(_bench.Ended, Is.Empty);
        Assert.That(_bench.Replace(first, "newest"), Is.True);

        _bench.Settle(first, TransmissionEnd.Reset);
        Assert.That(_bench.Ended, Is.EqualTo(new[] { "old Reset" }));
    }

    [Test]
    public void What_has_not_gone_out_yet_is_replaced_where_it_stands()
    {
        var first = _bench.Send("a");
        var second = _bench.Send("old");
        _bench.Replace(second, "new");
        _bench.Settle(first);

        Assert.That(_bench.Payloads, Is.EqualTo(new[] { "a", "new" }));
        Assert.That(_bench.Sent[1].Message.Id, Is.EqualTo(second));
    }

    [Test]
    public void A_thousand_replacements_and_acknowledgements_are_one_transmission()
    {
        var name = _bench.Send("0");
        for (var round = 1; round <= 1000; round++)
        {
            Assert.That(_bench.Replace(name, $"{round}"), Is.True);
            Assert.That(_bench.Settle(_bench.Sent[^1].Message.Id), Is.True);
        }

        Assert.That(_bench.Settle(_bench.Sent[^1].Message.Id), Is.True);
        Assert.That(_bench.Ended, Is.EqualTo(new[] { "0 Acknowledged" }));
    }
}
