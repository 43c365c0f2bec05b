using Gateway.Coap;
using Gateway.Tests.Plugtest;
using Gateway.Tests.Support;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Plugtest;

/// <summary>ETSI's TD_COAP_OBS, the server's side. A number 03 there is no more; 11 and 13 stand in RFC 7641's §4.5 and libcoap's tests.</summary>
internal sealed class ObserveTests : PlugtestFixture
{
    private const string Path = "/obs";

    private static readonly TimeSpan Period = ObservedResource.Period;
    private static readonly CoapOption Observe = Number(OptionNumber.Observe, 0);
    private static readonly CoapOption PlainText = Number(OptionNumber.ContentFormat, 0);
    private static readonly CoapOption Json = Number(OptionNumber.ContentFormat, 50);

    [Test]
    public void TD_COAP_OBS_01_observation_by_CON()
    {
        Client.Send(CON, 1, GET, Path, "", Observe).Expect(ACK, 1, "2.05");
        var last = Sequence();
        Assert.That((Client.LastText, Format(), MaxAge()), Is.EqualTo(("0", 0u, 10u)));

        foreach (var text in new[] { "1", "2", "3" })
        {
            ExpectNext(text);
            Assert.That((Format(), MaxAge()), Is.EqualTo((0u, 10u)));
            Assert.That(Sequence(), Is.GreaterThan(last), "RFC 7641 §4.4; a clock that begins at noon does not wrap around here");
            last = Sequence();
        }
    }

    // This server notifies by CON whatever registered, which RFC 7641 §4.5 leaves to it: so it always knows whether somebody hears.
    [Test]
    public void TD_COAP_OBS_02_observation_by_NON()
    {
        Client.Send(NON, 1, GET, Path, "", Observe).Expect(NON, "2.05");
        Assert.That(Client.LastText, Is.EqualTo("0"));
        ExpectNext("1");
        ExpectNext("2");
    }

    // The client's side is to notice that nothing comes any more: for that each one says how long it holds.
    [Test]
    public void TD_COAP_OBS_04_the_client_detects_that_the_server_is_off()
    {
        Client.Send(CON, 1, GET, Path, "", Observe).Expect(ACK, 1, "2.05");
        Assert.That(MaxAge(), Is.GreaterThan(5), "as long as the server is there, the next one comes before this one is stale");
        ExpectNext("1");
        Assert.That(MaxAge(), Is.GreaterThan(5));
    }

    // RFC 7641 §4.5: who does not acknowledge a notification, sent five times in all, is not there any more.
    [Test]
    public void TD_COAP_OBS_05_the_server_detects_that_the_client_is_off()
    {
        Client.Send(CON, 1, GET, Path, "", Observe).Expect(ACK, 1, "2.05");
        Time.Pass(TimeSpan.FromSeconds(100));

        Assert.That(Server.Server.Observers, Is.Zero);
        for (var copy = 1; copy <= 5; copy++)
        {
            Client.Expect(CON, "2.05");
        }

        Time.Advance(Period);
        Client.ExpectSilence();
    }

    [Test]
    public void TD_COAP_OBS_06_the_client_resets()
    {
        Client.Send(CON, 1, GET, Path, "", Observe).Expect(ACK, 1, "2.05");
        Time.Advance(Period);
        Client.Expect(CON, "2.05").Send(RST, Client.Last.Id);
        Client.Settle();

        Assert.That(Server.Server.Observers, Is.Zero);
        Time.Advance(Period);
        Client.ExpectSilence();
    }

    [Test]
    public void TD_COAP_OBS_07_a_DELETE_ends_it_with_an_error()
    {
        Client.Send(CON, 1, GET, Path, "", Observe).Expect(ACK, 1, "2.05");
        ExpectNext("1");
        Server.NewPeer().Send(CON, 1, DELETE, Path).Expect(ACK, 1, "2.02");

        ExpectEnd("4.04");
        Client.Send(CON, 2, GET, Path, "", Observe).Expect(ACK, 2, "4.04");
        Assert.That(Observed(), Is.Empty);
        Client.Send(CON, 3, PUT, Path, "anew", PlainText).Expect(ACK, 3, "2.01").Send(CON, 4, GET, Path, "", Observe).Expect(ACK, 4, "2.05");
        ExpectNext("3");
    }

    [Test]
    public void TD_COAP_OBS_08_another_Content_Format_ends_it_with_an_error()
    {
        Client.Send(CON, 1, GET, Path, "", Observe).Expect(ACK, 1, "2.05");
        ExpectNext("1");
        var other = Server.NewPeer();
        other.Send(CON, 1, PUT, Path, "{}", Json).Expect(ACK, 1, "2.04").Send(CON, 2, GET, Path).Expect(ACK, 2, "2.05");
        Assert.That(other.LastText, Is.EqualTo("{}"));

        ExpectEnd("4.06");
    }

    [Test]
    public void TD_COAP_OBS_09_an_update_by_somebody_else()
    {
        Client.Send(CON, 1, GET, Path, "", Observe).Expect(ACK, 1, "2.05");
        Time.Advance(TimeSpan.FromSeconds(4));
        Server.NewPeer().Send(CON, 1, PUT, Path, "updated", PlainText).Expect(ACK, 1, "2.04");
        ExpectNotification("updated");

        // It stays for a whole period, and then counts on.
        Client.Settle();
        Time.Advance(TimeSpan.FromSeconds(4));
        Client.ExpectSilence();
        Time.Advance(TimeSpan.FromSeconds(1));
        ExpectNotification("1");
    }

    [Test]
    public void TD_COAP_OBS_10_a_GET_does_not_end_it()
    {
        var observing = Client.Token;
        Client.Send(CON, 1, GET, Path, "", Observe).Expect(ACK, 1, "2.05");
        ExpectNext("1");

        Client.Token = Token.From([0x10]);
        Client.Send(CON, 2, GET, Path).Expect(ACK, 2, "2.05");
        Assert.That(Observed(), Is.Empty);

        Client.Token = observing;
        ExpectNext("2");
    }

    [Test]
    public void TD_COAP_OBS_12_a_GET_with_Observe_1_ends_it()
    {
        Client.Send(CON, 1, GET, Path, "", Observe).Expect(ACK, 1, "2.05").Send(CON, 2, GET, Path, "", Number(OptionNumber.Observe, 1)).Expect(ACK, 2, "2.05");
        Assert.That(Observed(), Is.Empty);
        Time.Advance(Period);
        Client.ExpectSilence();
    }

    private void ExpectNext(string text)
    {
        // While the acknowledgement of the last one is on its way, the next one would only take its place.
        Client.Settle();
        Time.Advance(Period);
        ExpectNotification(text);
    }

    private void ExpectNotification(string text)
    {
        Client.Expect(CON, "2.05").Send(ACK, Client.Last.Id);
        Assert.That(Client.LastText, Is.EqualTo(text));
        Assert.That(Observed(), Is.Not.Empty);
    }

    private void ExpectEnd(string code)
    {
        Client.Expect(CON, code).Send(ACK, Client.Last.Id);
        Assert.That(Observed(), Is.Empty);
        Client.Settle();
        Assert.That(Server.Server.Observers, Is.Zero);
        Time.Advance(Period);
        Client.ExpectSilence();
    }

    private CoapOption[] Observed() => [.. Client.Last.Options.Where(option => option.Number == OptionNumber.Observe)];

    private uint Sequence() => UintOption.Read(Observed().Single().Value.Span);

    private uint MaxAge() => UintOption.Read(Client.Last.Options.Single(option => option.Number == OptionNumber.MaxAge).Value.Span);
}
