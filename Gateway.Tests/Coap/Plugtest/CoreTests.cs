using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Plugtest;

/// <summary>ETSI's TD_COAP_CORE, the server's side. What is said of losses (15, 16) stands in RFC 7252's §4.2 and §4.5.</summary>
internal sealed class CoreTests : PlugtestFixture
{
    private const int Plain = 0;
    private const int Xml = 41;

    private static readonly CoapOption PlainText = Number(OptionNumber.ContentFormat, Plain);

    [Test]
    public void TD_COAP_CORE_01_GET_by_CON()
    {
        Client.Send(CON, 1, GET, "/test").Expect(ACK, 1, "2.05");
        Assert.That(Client.LastText, Is.Not.Empty);
        Assert.That(Format(), Is.EqualTo(Plain));
    }

    [Test]
    public void TD_COAP_CORE_02_DELETE_by_CON() => Client.Send(CON, 1, DELETE, "/test").Expect(ACK, 1, "2.02");

    [Test]
    public void TD_COAP_CORE_03_PUT_by_CON() => Client.Send(CON, 1, PUT, "/test", "x", PlainText).Expect(ACK, 1, "2.04");

    [Test]
    public void TD_COAP_CORE_04_POST_by_CON() => Client.Send(CON, 1, POST, "/test", "x", PlainText).Expect(ACK, 1, "2.01");

    [Test]
    public void TD_COAP_CORE_05_GET_by_NON()
    {
        Client.Send(NON, 1, GET, "/test").Expect(NON, "2.05");
        Assert.That(Format(), Is.EqualTo(Plain));
    }

    [Test]
    public void TD_COAP_CORE_06_DELETE_by_NON() => Client.Send(NON, 1, DELETE, "/test").Expect(NON, "2.02");

    [Test]
    public void TD_COAP_CORE_07_PUT_by_NON() => Client.Send(NON, 1, PUT, "/test", "x", PlainText).Expect(NON, "2.04");

    [Test]
    public void TD_COAP_CORE_08_POST_by_NON() => Client.Send(NON, 1, POST, "/test", "x", PlainText).Expect(NON, "2.01");

    [Test]
    public void TD_COAP_CORE_09_a_separate_answer()
    {
        AskSeparately(Client);
        Assert.That(Format(), Is.EqualTo(Plain));
        Assert.That(Client.LastText, Is.Not.Empty);
        Client.Send(ACK, Client.Last.Id).ExpectSilence();
    }

    [TestCase("2a")]
    [TestCase("0102030405060708")]
    public void TD_COAP_CORE_10_a_token(string token)
    {
        using var client = new WirePeer(Server.Loopback()) { Token = Token.From(Convert.FromHexString(token)) };
        client.Send(CON, 1, GET, "/test").Expect(ACK, 1, "2.05");
    }

    [Test]
    public void TD_COAP_CORE_11_a_token_and_a_separate_answer()
    {
        using var client = new WirePeer(Server.Loopback()) { Token = Token.From("12345678"u8) };
        AskSeparately(client);
    }

    [Test]
    public void TD_COAP_CORE_12_no_token()
    {
        using var client = new WirePeer(Server.Loopback()) { Token = default };
        client.Send(CON, 1, GET, "/test").Expect(ACK, 1, "2.05");
    }

    [Test]
    public void TD_COAP_CORE_13_several_Uri_Paths() => Client.Send(CON, 1, GET, "/seg1/seg2/seg3").Expect(ACK, 1, "2.05");

    [Test]
    public void TD_COAP_CORE_14_several_Uri_Queries()
    {
        Client.Send(CON, 1, GET, "/query", "", Query("first=1"), Query("second=2"), Query("third=3")).Expect(ACK, 1, "2.05");
        Assert.That(Client.LastText, Is.EqualTo("first=1\nsecond=2\nthird=3"));
    }

    [Test]
    public void TD_COAP_CORE_17_a_separate_answer_to_a_NON()
    {
        Client.Send(NON, 1, GET, "/separate");
        Client.Settle();
        Time.Advance(TimeSpan.FromSeconds(2));
        Client.ExpectSilence();
        Time.Advance(TimeSpan.FromSeconds(1));
        Client.Expect(NON, "2.05");
    }

    [Test]
    public void TD_COAP_CORE_18_several_Location_Paths()
    {
        Client.Send(CON, 1, POST, "/test", "x", PlainText).Expect(ACK, 1, "2.01");
        var location = Texts(OptionNumber.LocationPath);

        Assert.That(location, Is.EqualTo(new[] { "location1", "location2", "location3" }));
        Client.Send(CON, 2, GET, string.Join('/', location)).Expect(ACK, 2, "2.05");
    }

    [Test]
    public void TD_COAP_CORE_19_several_Location_Queries()
    {
        Client.Send(CON, 1, POST, "/location-query", "x", PlainText).Expect(ACK, 1, "2.01");
        Assert.That(Texts(OptionNumber.LocationQuery), Is.EqualTo(new[] { "first=1", "second=2" }));
    }

    [Test]
    public void TD_COAP_CORE_20_Accept()
    {
        Client.Send(CON, 1, GET, "/multi-format", "", Number(OptionNumber.Accept, Plain)).Expect(ACK, 1, "2.05");
        Assert.That((Format(), Client.LastText), Is.EqualTo(((uint)Plain, "22.3 C")));
        Client.Send(CON, 2, GET, "/multi-format", "", Number(OptionNumber.Accept, Xml)).Expect(ACK, 2, "2.05");
        Assert.That(Format(), Is.EqualTo(Xml));
        Assert.That(Client.LastText, Does.StartWith("<"));
        Client.Send(CON, 3, GET, "/multi-format", "", Number(OptionNumber.Accept, 50)).Expect(ACK, 3, "4.06");
    }

    [Test]
    public void TD_COAP_CORE_21_ETag()
    {
        Client.Send(CON, 1, GET, "/validate").Expect(ACK, 1, "2.05");
        var (text, etag) = (Client.LastText, ETag());

        Client.Send(CON, 2, GET, "/validate", "", Bytes(OptionNumber.ETag, etag)).Expect(ACK, 2, "2.03");
        Assert.That(Client.Last.Payload.Length, Is.Zero);
        Assert.That(ETag().ToArray(), Is.EqualTo(etag.ToArray()));

        Client.Send(CON, 3, PUT, "/validate", "now otherwise", PlainText).Expect(ACK, 3, "2.04");
        Client.Send(CON, 4, GET, "/validate", "", Bytes(OptionNumber.ETag, etag)).Expect(ACK, 4, "2.05");
        Assert.That(Client.LastText, Is.EqualTo("now otherwise").And.Not.EqualTo(text));
        Assert.That(ETag().ToArray(), Is.Not.EqualTo(etag.ToArray()));
    }

    [Test]
    public void TD_COAP_CORE_22_If_Match()
    {
        Client.Send(CON, 1, GET, "/validate").Expect(ACK, 1, "2.05");
        Client.Send(CON, 2, PUT, "/validate", "single update", PlainText, Bytes(OptionNumber.IfMatch, ETag())).Expect(ACK, 2, "2.04");
        Client.Send(CON, 3, GET, "/validate").Expect(ACK, 3, "2.05");
        Assert.That(Client.LastText, Is.EqualTo("single update"));
        var second = ETag();

        Client.Send(CON, 4, PUT, "/validate", "somebody else's update", PlainText).Expect(ACK, 4, "2.04");
        Client.Send(CON, 5, PUT, "/validate", "too late", PlainText, Bytes(OptionNumber.IfMatch, second)).Expect(ACK, 5, "4.12");
        Client.Send(CON, 6, GET, "/validate").Expect(ACK, 6, "2.05");
        Assert.That(Client.LastText, Is.EqualTo("somebody else's update"));

        // RFC 7252 §5.10.8.1: of several any may match, and the empty one matches whatever is there.
        Client.Send(CON, 7, PUT, "/validate", "a", PlainText, Bytes(OptionNumber.IfMatch, second), Bytes(OptionNumber.IfMatch, ETag())).Expect(ACK, 7, "2.04");
        Client.Send(CON, 8, PUT, "/validate", "b", PlainText, Bytes(OptionNumber.IfMatch, default)).Expect(ACK, 8, "2.04");
    }

    [Test]
    public void TD_COAP_CORE_23_If_None_Match()
    {
        var onlyIfNew = Bytes(OptionNumber.IfNoneMatch, default);
        Client.Send(CON, 1, GET, "/create1").Expect(ACK, 1, "4.04");
        Client.Send(CON, 2, PUT, "/create1", "first", PlainText, Bytes(OptionNumber.IfMatch, default)).Expect(ACK, 2, "4.12");
        Client.Send(CON, 3, PUT, "/create1", "first", PlainText, onlyIfNew).Expect(ACK, 3, "2.01");
        Client.Send(CON, 4, PUT, "/create1", "second", PlainText, onlyIfNew).Expect(ACK, 4, "4.12");
        Client.Send(CON, 5, GET, "/create1").Expect(ACK, 5, "2.05");
        Assert.That((Client.LastText, Format()), Is.EqualTo(("first", (uint)Plain)));

        Client.Send(CON, 6, DELETE, "/create1").Expect(ACK, 6, "2.02").Send(CON, 7, GET, "/create1").Expect(ACK, 7, "4.04");
        Client.Send(CON, 8, PUT, "/create1", "again", PlainText, onlyIfNew).Expect(ACK, 8, "2.01");
    }

    [Test]
    public void TD_COAP_CORE_31_a_ping()
    {
        Client.Send(CON, 0x1234).Expect(RST, 0x1234);
        Assert.That(Convert.ToHexStringLower(Client.LastDatagram), Is.EqualTo("70001234"));
    }

    private void AskSeparately(WirePeer client)
    {
        client.Send(CON, 1, GET, "/separate");
        client.Settle();
        Time.Advance(TimeSpan.FromSeconds(1.5));
        client.Expect(ACK, 1);
        Time.Advance(TimeSpan.FromSeconds(1.5));
        client.Expect(CON, "2.05");
    }
}
