using Gateway.Coap;
using Microsoft.Extensions.Time.Testing;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252, appendix A: its examples, byte for byte where it draws the bytes (figures 16 and 17), and on the wire.</summary>
internal sealed class AppendixA_ExampleTests
{
    private readonly FakeTimeProvider _time = new();
    private HeldAnswer? _held;
    private TestServer _server = null!;

    [SetUp]
    public async Task SetUp()
    {
        _held = null;
        var site = new TestSite { ["/temperature"] = new TestResource(async (_, _) => _held is { } held ? (await held.Task)! : Temperature()) };
        _server = await TestServer.StartAsync(site, time: _time);
    }

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [TestCase("40017d34bb74656d7065726174757265", "Confirmable GET 0x7d34  11=temperature |", TestName = "Figure_16_request")]
    [TestCase("60457d34ff32322e332043", "Acknowledgement 2.05 0x7d34  |22.3 C", TestName = "Figure_16_answer")]
    [TestCase("41017d3520bb74656d7065726174757265", "Confirmable GET 0x7d35 20 11=temperature |", TestName = "Figure_17_request")]
    [TestCase("61457d3520ff32322e332043", "Acknowledgement 2.05 0x7d35 20 |22.3 C", TestName = "Figure_17_answer")]
    public void A_message_is_read_and_written_as_the_RFC_draws_it(string hex, string meaning)
    {
        Assert.That(CoapCodec.TryDecode(WireText.Bytes(hex), out var message, out _), Is.True);
        Assert.That(WireText.Describe(message!), Is.EqualTo(meaning));
        Assert.That(Convert.ToHexStringLower(CoapCodec.Encode(message!)), Is.EqualTo(hex));
    }

    [TestCase("", 0x7d34, "60457d34ff32322e332043", TestName = "Figure_16_piggybacked")]
    [TestCase("20", 0x7d35, "61457d3520ff32322e332043", TestName = "Figure_17_piggybacked_with_a_token")]
    public void A_GET_has_its_answer_piggybacked(string token, int id, string answer)
    {
        using var client = Client(token);
        client.Send(CON, id, GET, "/temperature").Expect(ACK, id, "2.05");
        Assert.That(Convert.ToHexStringLower(client.LastDatagram), Is.EqualTo(answer));
    }

    [Test]
    public void Figure_19_the_answer_is_lost_and_the_request_comes_again()
    {
        using var client = Client("42");
        client.Send(CON, 0x7d37, GET, "/temperature").Expect(ACK, 0x7d37, "2.05");
        var lost = client.LastDatagram;

        _time.Advance(TimeSpan.FromSeconds(2));
        client.Send(CON, 0x7d37, GET, "/temperature").Expect(ACK, 0x7d37, "2.05");
        Assert.That(client.LastDatagram, Is.EqualTo(lost));
    }

    [Test]
    public void Figure_20_the_answer_is_separate()
    {
        using var client = Client("53");
        AskSlowly(client, 0x7d38);
        client.Expect(CON, "2.05").Send(ACK, client.Last.Id);
        Assert.That(client.LastText, Is.EqualTo("22.3 C"));
        client.Settle();

        _time.Advance(TimeSpan.FromSeconds(60));
        client.ExpectSilence();
    }

    [Test]
    public void Figure_21_the_client_has_forgotten_what_it_asked()
    {
        using var client = Client("54");
        AskSlowly(client, 0x7d39);
        client.Expect(CON, "2.05").Send(RST, client.Last.Id);
        client.Settle();

        _time.Advance(TimeSpan.FromSeconds(60));
        client.ExpectSilence();
    }

    [Test]
    public void Figure_22_request_and_answer_are_NONs()
    {
        using var client = Client("75");
        client.Send(NON, 0x7d40, GET, "/temperature").Expect(NON, "2.05");
        Assert.That(client.LastText, Is.EqualTo("22.3 C"));
    }

    private static CoapResponse Temperature() => CoapResponse.Error(CoapCode.Content, "22.3 C");

    private WirePeer Client(string token) => new(_server.Loopback()) { Token = Token.From(Convert.FromHexString(token)) };

    private void AskSlowly(WirePeer client, int id)
    {
        var held = _held = new HeldAnswer();
        client.Send(CON, id, GET, "/temperature");
        client.Settle();
        _time.Advance(TimeSpan.FromSeconds(1.5));
        client.Expect(ACK, id);
        held.Give(Temperature());
    }
}
