using System.Net.Sockets;
using System.Text;
using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>RFC 7252 §5 on the real wire, over both families: what is served, and how each kind of request is refused.</summary>
[TestFixture(AddressFamily.InterNetwork)]
[TestFixture(AddressFamily.InterNetworkV6)]
internal sealed class RequestTests(AddressFamily family)
{
    private const int UnknownCritical = 65001;
    private const int UnknownElective = 65000;
    private const int OwnOption = 2053;
    private const int MaxPayload = 64;

    private TestServer _server = null!;
    private WirePeer _device = null!;
    private CoapRequest? _seen;

    [SetUp]
    public async Task SetUp()
    {
        var site = new TestSite
        {
            ["/"] = new TestResource(_ => CoapResponse.Error(CoapCode.Content, "root")),
            ["/m"] = new TestResource(Remember),
            ["/a b/ü"] = new TestResource(Remember),
            ["/own"] = new TestResource(Remember) { Understands = new HashSet<int> { OwnOption } },
            ["/json"] = new TestResource(Remember) { TakesFormats = new HashSet<int> { 50, 60 }, Gives = 50 },
            ["/broken"] = new TestResource((CoapRequest _) => throw new InvalidOperationException("the password is swordfish")),
            ["/huge"] = new TestResource(_ => new CoapResponse(CoapCode.Content) { Payload = new byte[BlockCut.MaxBodySize + 1] }),
            ["/confused"] = new TestResource(_ => new CoapResponse(CoapCode.Post)),
            ["/busy"] = new TestResource(_ => new CoapResponse(CoapCode.ServiceUnavailable) { MaxAge = 60 }),
        };
        _server = await TestServer.StartAsync(site, new CoapSettings { Port = 0, MaxPayloadSize = MaxPayload });
        _device = _server.NewPeer(family);
    }

    [TearDown]
    public async Task TearDown()
    {
        _device.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public void A_resource_sees_the_whole_request()
    {
        _device.Send(CON, 1, POST, "/a b/ü", "hello", Text(OptionNumber.UriQuery, "x=ä"), Text(OptionNumber.UriQuery, "y"),
            Number(OptionNumber.ContentFormat, 42), Number(OptionNumber.Accept, 60)).Expect(ACK, 1, "2.04");

        Assert.That(_seen, Is.Not.Null);
        Assert.That(_seen!.Path, Is.EqualTo(new[] { "a b", "ü" }));
        Assert.That(_seen.Query, Is.EqualTo(new[] { "x=ä", "y" }));
        Assert.That(_seen.Method, Is.EqualTo(CoapCode.Post));
        Assert.That(_seen.Confirmable, Is.True);
        Assert.That((_seen.ContentFormat, _seen.Accept), Is.EqualTo((42, 60)));
        Assert.That(Encoding.UTF8.GetString(_seen.Payload.Span), Is.EqualTo("hello"));
        Assert.That(_seen.Peer, Is.EqualTo(_device.LocalEndPoint), "an IPv4 peer is shown as IPv4");
        Assert.That(_seen.Options, Has.Count.EqualTo(6));
    }

    [Test]
    public void No_path_and_the_root_are_the_same()
    {
        _device.Send(CON, 1, GET).Expect(ACK, 1, "2.05");
        Assert.That(_device.LastText, Is.EqualTo("root"));
    }

    [Test]
    public void An_unknown_critical_option_is_answered_4_02_with_its_number()
    {
        _device.Send(CON, 1, GET, "/m", "", Text(UnknownCritical, "x")).Expect(ACK, 1, "4.02");
        Assert.That(_device.LastText, Is.EqualTo("unknown critical option 65001"));
    }

    [Test]
    public void An_unknown_critical_option_comes_before_not_found() =>
        _device.Send(CON, 1, GET, "/nowhere", "", Text(UnknownCritical, "x")).Expect(ACK, 1, "4.02");

    [Test]
    public void An_unknown_critical_option_in_a_NON_is_met_with_silence() =>
        _device.Send(NON, 1, GET, "/m", "", Text(UnknownCritical, "x")).ExpectSilence();

    [Test]
    public void An_unknown_elective_option_is_ignored() =>
        _device.Send(CON, 1, GET, "/m", "", Text(UnknownElective, "x")).Expect(ACK, 1, "2.04");

    [Test]
    public void An_option_that_the_resource_knows_is_left_to_it()
    {
        _device.Send(CON, 1, GET, "/own", "", Text(OwnOption, "x")).Expect(ACK, 1, "2.04");
        _device.Send(CON, 2, GET, "/m", "", Text(OwnOption, "x")).Expect(ACK, 2, "4.02");
    }

    [Test]
    public void A_critical_option_of_a_wrong_length_is_answered_4_02()
    {
        _device.Send(CON, 1, GET, "/m", "", Text(OptionNumber.Accept, "xyz")).Expect(ACK, 1, "4.02");
        Assert.That(_device.LastText, Does.Contain("option 17"));
        _device.Send(CON, 2, GET, "", "", Text(OptionNumber.UriPath, new string('x', 256))).Expect(ACK, 2, "4.02");
        Assert.That(_device.LastText, Does.Contain("option 11"));
    }

    [Test]
    public void A_critical_option_that_is_repeated_against_its_rule_is_answered_4_02()
    {
        _device.Send(CON, 1, GET, "/m", "", Number(OptionNumber.Accept, 1), Number(OptionNumber.Accept, 2)).Expect(ACK, 1, "4.02");
        Assert.That(_device.LastText, Does.Contain("option 17"));
    }

    [Test]
    public void An_elective_option_of_a_wrong_length_is_ignored()
    {
        _device.Send(CON, 1, POST, "/m", "x", Text(OptionNumber.ContentFormat, "xyz")).Expect(ACK, 1, "2.04");
        Assert.That(_seen!.ContentFormat, Is.Null);
    }

    [Test]
    public void Of_an_elective_option_that_is_repeated_against_its_rule_the_first_counts()
    {
        _device.Send(CON, 1, POST, "/m", "x", Number(OptionNumber.ContentFormat, 50), Number(OptionNumber.ContentFormat, 60)).Expect(ACK, 1, "2.04");
        Assert.That(_seen!.ContentFormat, Is.EqualTo(50));
    }

    [TestCase(OptionNumber.UriPath)]
    [TestCase(OptionNumber.UriQuery)]
    public void A_path_or_query_that_is_not_UTF_8_is_answered_4_02(int number) =>
        _device.Send(CON, 1, GET, "", "", new CoapOption(number, new byte[] { 0xc3, 0x28 })).Expect(ACK, 1, "4.02");

    [Test]
    public void A_condition_that_nobody_would_check_is_refused() =>
        _device.Send(CON, 1, PUT, "/m", "x", new CoapOption(OptionNumber.IfNoneMatch, default)).Expect(ACK, 1, "4.02");

    [TestCase(OptionNumber.ProxyUri)]
    [TestCase(OptionNumber.ProxyScheme)]
    public void Proxying_is_answered_5_05(int number) =>
        _device.Send(CON, 1, GET, "/m", "", Text(number, "coap://elsewhere/")).Expect(ACK, 1, "5.05");

    [Test]
    public void Host_and_port_make_no_difference() =>
        _device.Send(CON, 1, GET, "/m", "", Text(OptionNumber.UriHost, "gateway.example"), Number(OptionNumber.UriPort, 5683)).Expect(ACK, 1, "2.04");

    [Test]
    public void A_path_where_nothing_is_is_answered_4_04() => _device.Send(CON, 1, GET, "/m/x").Expect(ACK, 1, "4.04");

    [Test]
    public void A_method_that_the_resource_does_not_serve_is_answered_4_05() => _device.Send(CON, 1, DELETE, "/m").Expect(ACK, 1, "4.05");

    [TestCase("/m")]
    [TestCase("/nowhere")]
    public void A_method_that_does_not_exist_is_answered_4_05(string path) => _device.Send(CON, 1, Code("0.31"), path).Expect(ACK, 1, "4.05");

    [Test]
    public void A_format_that_can_not_be_given_is_answered_4_06()
    {
        _device.Send(CON, 1, GET, "/json", "", Number(OptionNumber.Accept, 60)).Expect(ACK, 1, "4.06");
        _device.Send(CON, 2, GET, "/json", "", Number(OptionNumber.Accept, 50)).Expect(ACK, 2, "2.04");
    }

    [Test]
    public void A_payload_that_is_too_large_is_answered_4_13_with_the_limit()
    {
        _device.Send(CON, 1, POST, "/m", new string('x', MaxPayload)).Expect(ACK, 1, "2.04");
        _device.Send(CON, 2, POST, "/m", new string('x', MaxPayload + 1)).Expect(ACK, 2, "4.13");

        var limit = _device.Last.Options.Single(option => option.Number == OptionNumber.Size1);
        Assert.That(UintOption.Read(limit.Value.Span), Is.EqualTo(MaxPayload));
    }

    [Test]
    public void A_payload_in_a_format_that_is_not_taken_is_answered_4_15()
    {
        _device.Send(CON, 1, POST, "/json", "x", Number(OptionNumber.ContentFormat, 0)).Expect(ACK, 1, "4.15");
        _device.Send(CON, 2, POST, "/json", "x", Number(OptionNumber.ContentFormat, 60)).Expect(ACK, 2, "2.04");
        _device.Send(CON, 3, POST, "/json", "x").Expect(ACK, 3, "2.04");
        _device.Send(CON, 4, POST, "/json", "", Number(OptionNumber.ContentFormat, 0)).Expect(ACK, 4, "2.04");
    }

    [Test]
    public void A_failure_is_answered_5_00_and_only_the_log_says_why()
    {
        _device.Send(CON, 1, GET, "/broken").Expect(ACK, 1, "5.00");

        Assert.That(_device.LastText, Is.Not.Empty.And.Not.Contain("swordfish"));
        Assert.That(_server.Log.TakeErrors(), Has.Exactly(1).Contains("/broken").And.Contains("swordfish"));
    }

    [TestCase("/huge")]
    [TestCase("/confused")]
    public void An_answer_that_can_not_be_sent_is_answered_5_00_and_logged(string path)
    {
        _device.Send(CON, 1, GET, path).Expect(ACK, 1, "5.00");
        Assert.That(_server.Log.TakeErrors(), Has.Exactly(1).Contains(path));
    }

    [Test]
    public void An_error_can_say_when_to_come_back()
    {
        _device.Send(CON, 1, POST, "/busy").Expect(ACK, 1, "5.03");
        Assert.That(UintOption.Read(_device.Last.Options.Single(option => option.Number == OptionNumber.MaxAge).Value.Span), Is.EqualTo(60));
    }

    [Test]
    public void A_NON_is_refused_by_a_NON() => _device.Send(NON, 1, GET, "/nowhere").Expect(NON, "4.04");

    private static CoapOption Text(int number, string text) => new(number, Encoding.UTF8.GetBytes(text));

    private static CoapOption Number(int number, uint value) => UintOption.Of(number, value);

    private CoapResponse Remember(CoapRequest request)
    {
        _seen = request;
        return new CoapResponse(CoapCode.Changed);
    }
}
