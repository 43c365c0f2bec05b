using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Tests.Commands.Exchanges;

/// <summary>What is remembered of the devices' messages: bounded, the newest first, and nothing of it on the way of a frame.</summary>
internal sealed class RecentExchangesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private RecentExchanges _exchanges = null!;

    [SetUp]
    public void Forget() => _exchanges = new RecentExchanges(new DeviceSettings { ExchangesKept = 5 });

    [Test]
    public void The_last_ones_of_a_device_are_remembered_the_newest_first()
    {
        for (var i = 1; i <= 12; i++)
        {
            Note("a", i);
            Assert.That(Minutes("a"), Is.EqualTo(Enumerable.Range(0, Math.Min(i, 5)).Select(back => i - back)));
        }

        Note("b", 20);

        Assert.That(Minutes("b"), Is.EqualTo(new[] { 20 }));
        Assert.That(Minutes("a"), Is.EqualTo(new[] { 12, 11, 10, 9, 8 }));
        Assert.That(Minutes("c"), Is.Empty);
    }

    [Test]
    public void The_device_that_spoke_longest_ago_is_forgotten_first()
    {
        var exchanges = new RecentExchanges(new DeviceSettings { CacheSize = 1000, ExchangesKept = 1 });
        for (var i = 0; i < 5000; i++)
        {
            exchanges.Note(Exchange($"d{i}", i));
            exchanges.Note(Exchange("often", i));
        }

        var remembered = Enumerable.Range(0, 5000).Where(i => exchanges.RhythmOf(DeviceId.Parse($"d{i}")) is not null).ToArray();
        Assert.That(remembered, Has.Length.InRange(800, 1008), "each of the stripes has its own share");
        Assert.That(remembered.Average(), Is.GreaterThan(4000), "the last ones");
        Assert.That(exchanges.RhythmOf(DeviceId.Parse("often"))!.Value.Messages, Is.EqualTo(5000));
    }

    [Test]
    public void Nothing_need_be_kept()
    {
        var exchanges = new RecentExchanges(new DeviceSettings { ExchangesKept = 0 });

        exchanges.Note(Exchange("a", 1));

        Assert.That(exchanges.Of(DeviceId.Parse("a")), Is.Empty);
        Assert.That(exchanges.RhythmOf(DeviceId.Parse("a"))!.Value.Messages, Is.EqualTo(1));
    }

    [Test]
    public void A_known_device_costs_no_allocation()
    {
        var exchange = Exchange("a", 1);
        for (var i = 0; i < 100; i++)
        {
            _exchanges.Note(exchange);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        _exchanges.Note(exchange);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Whoever_listens_hears_of_each_also_of_those_of_nobody()
    {
        var heard = new List<DeviceExchange>();
        _exchanges.Noted += heard.Add;

        Note("a", 1);
        _exchanges.Note(Exchange("a", 2) with { Device = DeviceId.None });

        Assert.That(heard.Select(exchange => (exchange.Device.ToString(), exchange.ReceivedAt)), Is.EqualTo(new[] { ("a", Start.AddMinutes(1)), ("", Start.AddMinutes(2)) }));
        Assert.That(Minutes("a"), Is.EqualTo(new[] { 1 }));
    }

    [TestCase(new[] { 60, 60, 60 }, 60, TestName = "The_usual_interval(regular)")]
    [TestCase(new[] { 60, 60, 60, 7200, 60 }, 60, TestName = "The_usual_interval(after an outage)")]
    [TestCase(new[] { 2, 1, 3600, 2, 1, 3600, 1, 2 }, 3600, TestName = "The_usual_interval(three messages each time)")]
    [TestCase(new[] { 3600, 60, 60, 60, 60, 60, 60, 60, 60 }, 60, TestName = "The_usual_interval(changed)")]
    [TestCase(new[] { 0, 0, 0 }, 0, TestName = "The_usual_interval(all at once)")]
    [TestCase(new int[0], null, TestName = "The_usual_interval(one message)")]
    public void The_usual_interval(int[] seconds, int? expected)
    {
        var at = Start;
        _exchanges.Note(Exchange("a", 0) with { ReceivedAt = at });
        foreach (var passed in seconds)
        {
            at = at.AddSeconds(passed);
            _exchanges.Note(Exchange("a", 0) with { ReceivedAt = at, Confirmable = false });
        }

        var rhythm = _exchanges.RhythmOf(DeviceId.Parse("a"))!.Value;
        Assert.That(rhythm.Interval, Is.EqualTo(expected is { } usual ? TimeSpan.FromSeconds(usual) : (TimeSpan?)null));
        Assert.That(rhythm.LastAt, Is.EqualTo(at));
        Assert.That((rhythm.Messages, rhythm.Confirmables, rhythm.LastConfirmableAt, rhythm.ConfirmableInterval), Is.EqualTo((seconds.Length + 1L, 1L, (DateTimeOffset?)Start, (TimeSpan?)null)));
    }

    [Test]
    public void What_a_device_says_of_its_next_message_holds_until_it_says_more()
    {
        _exchanges.Note(Exchange("a", 1), "2026-01-02T04:00:00Z");
        _exchanges.Note(Exchange("a", 2));
        Assert.That(Next(), Is.EqualTo(new DateTimeOffset(2026, 1, 2, 4, 0, 0, TimeSpan.Zero)));

        _exchanges.Note(Exchange("a", 3), 1_767_330_000);
        Assert.That(Next(), Is.EqualTo(DateTimeOffset.FromUnixTimeSeconds(1_767_330_000)));

        _exchanges.Note(Exchange("a", 4), "soon");
        Assert.That(Next(), Is.Null, "no instant is no word");

        DateTimeOffset? Next() => _exchanges.RhythmOf(DeviceId.Parse("a"))!.Value.NextTransmissionAt;
    }

    private void Note(string device, int minute) => _exchanges.Note(Exchange(device, minute));

    private IEnumerable<int> Minutes(string device) => _exchanges.Of(DeviceId.Parse(device)).Select(exchange => (int)(exchange.ReceivedAt - Start).TotalMinutes);

    private static DeviceExchange Exchange(string device, int minute) => new()
    {
        Id = Guid.NewGuid(),
        Device = DeviceId.Parse(device),
        Profile = "p",
        ReceivedAt = Start.AddMinutes(minute),
        Took = TimeSpan.FromMilliseconds(3),
        Method = CoapCode.Post,
        Path = $"/devices/{device}/data",
        Peer = "127.0.0.1:5683",
        Confirmable = true,
        PayloadLength = 7,
        Code = CoapCode.Created,
        AnswerLength = 0,
    };
}
