using System.Text;
using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §7.2 and RFC 6690: what a server says of itself.</summary>
internal sealed class Section7_2_DiscoveryTests
{
    private const string Path = "/.well-known/core";

    private TestServer _server = null!;
    private WirePeer _device = null!;

    [SetUp]
    public async Task SetUp()
    {
        var site = new TestSite().With(new ResourceLink("/m", [42]), new ResourceLink("/multi", [42, 60]), new ResourceLink("/x", []));
        _server = await TestServer.StartAsync(site);
        _device = _server.NewPeer();
    }

    [TearDown]
    public async Task TearDown()
    {
        _device.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public void All_links_are_listed_in_link_format()
    {
        _device.Send(CON, 1, GET, Path).Expect(ACK, 1, "2.05");

        Assert.That(_device.LastText, Is.EqualTo("</m>;ct=42,</multi>;ct=\"42 60\",</x>"));
        Assert.That(UintOption.Read(_device.Last.Options.Single(option => option.Number == OptionNumber.ContentFormat).Value.Span), Is.EqualTo(40));
    }

    [TestCase("href=/m", "</m>;ct=42")]
    [TestCase("href=/m*", "</m>;ct=42,</multi>;ct=\"42 60\"")]
    [TestCase("ct=60", "</multi>;ct=\"42 60\"")]
    [TestCase("ct=4", "")]
    [TestCase("ct=4*", "</m>;ct=42,</multi>;ct=\"42 60\"")]
    [TestCase("rt=temperature", "")]
    [TestCase("ct", "")]
    [TestCase("", "")]
    [TestCase("=", "")]
    [TestCase("href=", "")]
    [TestCase("href=*", "</m>;ct=42,</multi>;ct=\"42 60\",</x>")]
    [TestCase("href=m", "")]
    [TestCase("HREF=/m", "")]
    public void The_query_picks_links(string query, string expected)
    {
        _device.Send(CON, 1, GET, Path, "", Query(query)).Expect(ACK, 1, "2.05");
        Assert.That(_device.LastText, Is.EqualTo(expected));
    }

    [Test]
    public void Of_several_queries_all_must_match()
    {
        _device.Send(CON, 1, GET, Path, "", Query("ct=42"), Query("href=/multi")).Expect(ACK, 1, "2.05");
        Assert.That(_device.LastText, Is.EqualTo("</multi>;ct=\"42 60\""));
    }

    [Test]
    public void Nothing_else_below_well_known_is_there()
    {
        _device.Send(CON, 1, GET, "/.well-known").Expect(ACK, 1, "4.04");
        _device.Send(CON, 2, GET, "/.well-known/core/x").Expect(ACK, 2, "4.04");
        _device.Send(CON, 3, GET, "/.well-known/Core").Expect(ACK, 3, "4.04");
    }

    [Test]
    public void Only_GET_is_served_and_only_link_format_is_given()
    {
        _device.Send(CON, 1, PUT, Path, "x").Expect(ACK, 1, "4.05");
        _device.Send(CON, 2, GET, Path, "", UintOption.Of(OptionNumber.Accept, 50)).Expect(ACK, 2, "4.06");
        _device.Send(CON, 3, GET, Path, "", UintOption.Of(OptionNumber.Accept, 40)).Expect(ACK, 3, "2.05");
    }

    private static CoapOption Query(string text) => new(OptionNumber.UriQuery, Encoding.UTF8.GetBytes(text));

    // RFC 6690 §3, §4.1.
    [TestCase("rt=light", "/a /b")]
    [TestCase("rt=light-lux", "/b")]
    [TestCase("rt=li*", "/a /b")]
    [TestCase("rt=*", "/a /b")]
    [TestCase("rt=light light-lux", "")]
    [TestCase("rt=", "")]
    [TestCase("if=core.s", "/a")]
    [TestCase("sz=*", "/a")]
    [TestCase("sz=12", "")]
    [TestCase("title=A \"big\" light", "/a")]
    [TestCase("title=big", "")]
    [TestCase("title=A*", "/a")]
    [TestCase("obs=*", "/b")]
    [TestCase("ct=0", "/a")]
    [TestCase("nothing=*", "")]
    public void Attributes_are_matched_as_a_whole_and_lists_of_types_one_by_one(string query, string expected) =>
        Assert.That(string.Join(' ', Lights.Where(link => LinkFormat.Matches(link, query)).Select(link => link.Path)), Is.EqualTo(expected));

    [Test]
    public void Attributes_are_written_in_quotes_but_for_numbers_and_flags() => Assert.That(
        LinkFormat.Write(Lights),
        Is.EqualTo("""</a>;ct=0;rt="light";if="core.s";sz=123;title="A \"big\" light",</b>;rt="light light-lux";obs,</c>"""));

    private static readonly ResourceLink[] Lights =
    [
        new("/a", [0]) { Attributes = [new("rt", "light"), new("if", "core.s"), new("sz", "123"), new("title", "A \"big\" light")] },
        new("/b", []) { Attributes = [new("rt", "light light-lux"), new("obs")] },
        new("/c", []),
    ];
}
