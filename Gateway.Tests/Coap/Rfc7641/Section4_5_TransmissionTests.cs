using System.Globalization;
using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>RFC 7641 §4.5: notifications are sent until they are acknowledged, one at a time, and only the newest matters.</summary>
internal sealed class Section4_5_TransmissionTests : ObserveTest
{
    [Test]
    public void Who_never_acknowledges_is_not_there_any_more()
    {
        Register(First);
        Bench.Change("1");
        Bench.Pass(100);

        // The state is told again meanwhile, for Max-Age is over; that is no reason for new patience.
        Assert.That(Bench.Take(), Is.EqualTo(Enumerable.Repeat("CON 2.05 f1* \"1\"", 5)));
        Assert.That(Bench.Observers.Count, Is.Zero);
        Bench.Change("2");
        Assert.That(Bench.Take(), Is.Empty);
    }

    [Test]
    public void While_one_waits_newer_ones_take_its_place()
    {
        Register(First);
        for (var state = 1; state <= 100; state++)
        {
            Bench.Change(state.ToString(CultureInfo.InvariantCulture));
        }

        var first = Bench.Last;
        Assert.That(Bench.Take(), Is.EqualTo(new[] { "CON 2.05 f1* \"1\"" }));

        Bench.Acknowledge(first);
        Assert.That(ObserveBench.SequenceOf(Bench.Last), Is.Not.EqualTo(ObserveBench.SequenceOf(first)));
        Assert.That(Bench.Take(), Is.EqualTo(new[] { "CON 2.05 f1* \"100\"" }));
    }

    [Test]
    public void An_error_takes_the_place_of_one_that_waits()
    {
        Register(First);
        Bench.Change("1");
        Bench.Answer = _ => ValueTask.FromResult(CoapResponse.Error(CoapCode.NotFound, "gone"));
        Bench.Change("2");
        Bench.Acknowledge(Bench.Last);

        Assert.That(Bench.Take(), Is.EqualTo(new[] { "CON 2.05 f1* \"1\"", "CON 4.04 f1 \"gone\"" }));
    }

    [Test]
    public void One_that_found_no_room_is_told_a_little_later()
    {
        var count = OutboxLane.MaxQueued + 4;
        using var bench = new ObserveBench(new CoapSettings { MaxObserversPerPeer = count });
        for (byte token = 1; token <= count; token++)
        {
            bench.Get(Token.From([token]));
        }

        bench.Change("1");
        var told = new HashSet<Token>();
        for (var second = 0; second < 20; second++)
        {
            while (bench.Sent.Count > 0)
            {
                var message = bench.Sent[0].Message;
                bench.Sent.RemoveAt(0);
                if (message.Type == MessageType.Confirmable)
                {
                    told.Add(message.Token);
                    bench.Acknowledge(message);
                }
            }

            bench.Pass(1);
        }

        Assert.That(told, Has.Count.EqualTo(count));
        Assert.That(bench.Observers.Count, Is.EqualTo(count));
    }
}
