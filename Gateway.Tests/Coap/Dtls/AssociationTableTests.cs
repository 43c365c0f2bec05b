using System.Net;
using Gateway.Coap;
using Gateway.Coap.Dtls;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>Sessions are bounded, and those go first that nobody misses.</summary>
internal sealed class AssociationTableTests
{
    private const int Capacity = 1000;

    private readonly Random _random = new(5);
    private ulong _number;

    [Test]
    public void At_the_bound_those_go_that_never_sent_a_message()
    {
        var table = new AssociationTable(Capacity, long.MaxValue, _random);
        var spoken = Add(table, Capacity / 2, now: 0, speaks: true);
        var silent = Add(table, Capacity / 2, now: 100, speaks: false);

        var flood = Add(table, 10 * Capacity, now: 200, speaks: false);

        Assert.That((table.Count, table.Evicted), Is.EqualTo((Capacity, 10 * Capacity)));
        Assert.That(spoken.Count(session => table.Find(session.Number) is null), Is.Zero);
        Assert.That(silent.Concat(flood).Count(session => table.Find(session.Number) is not null), Is.EqualTo(Capacity / 2));
    }

    [Test]
    public void Of_those_that_have_sent_one_of_the_oldest_goes()
    {
        var table = new AssociationTable(Capacity, long.MaxValue, _random);
        var sessions = Enumerable.Range(0, Capacity).SelectMany(now => Add(table, 1, now, speaks: true)).ToList();

        Add(table, Capacity / 10, now: Capacity, speaks: true);

        var gone = sessions.Select((session, age) => (session, age)).Where(known => table.Find(known.session.Number) is null).Select(known => known.age);
        Assert.That(gone.Count(), Is.EqualTo(Capacity / 10));
        Assert.That(gone.Max(), Is.LessThan(Capacity * 4 / 10), "of sixteen at random, the oldest is hardly ever one of the newer ones");
        Assert.That(gone.Average(), Is.LessThan(Capacity * 2 / 10));
    }

    [Test]
    public void What_was_not_used_for_long_is_forgotten()
    {
        var table = new AssociationTable(Capacity, idleTime: 50, _random);
        var old = Add(table, 10, now: 0, speaks: true);
        var recent = Add(table, 10, now: 60, speaks: true);

        table.Sweep(now: 100, count: 40);

        Assert.That(old.Select(session => table.Find(session.Number)), Is.All.Null);
        Assert.That(recent.Select(session => table.Find(session.Number)), Is.EqualTo(recent));
        Assert.That(table.FindAt(old[0].Source), Is.Null);
    }

    [Test]
    public void Whoever_shakes_hands_again_at_an_address_takes_it()
    {
        var table = new AssociationTable(Capacity, long.MaxValue, _random);
        var first = Add(table, 1, now: 0, speaks: true)[0];
        var second = New(first.Source, now: 1);

        table.Add(second);

        Assert.That(table.FindAt(first.Source), Is.SameAs(second));
        Assert.That((table.Find(first.Number), table.Count), Is.EqualTo((null as Association, 1)));

        table.Remove(first);
        Assert.That(table.FindAt(first.Source), Is.SameAs(second), "the one before is gone already, and takes nothing with it");
    }

    private List<Association> Add(AssociationTable table, int count, long now, bool speaks)
    {
        var added = new List<Association>();
        for (var i = 0; i < count; i++)
        {
            var session = New(Peer.From(new IPEndPoint(new IPAddress([10, (byte)(_number >> 16), (byte)(_number >> 8), (byte)_number]), 5683)), now);
            if (speaks)
            {
                session.Speak(now);
            }

            table.Add(session);
            added.Add(session);
        }

        return added;
    }

    private Association New(Peer source, long now)
    {
        _number++;
        return SessionPair.Server(_number, source, now);
    }
}
