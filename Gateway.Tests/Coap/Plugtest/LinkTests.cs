using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Plugtest;

/// <summary>ETSI's TD_COAP_LINK: what the server says of its resources.</summary>
internal sealed class LinkTests : PlugtestFixture
{
    private const string Path = "/.well-known/core";
    private const int LinkFormat = 40;

    [Test]
    public void TD_COAP_LINK_01_all_links()
    {
        string[] all =
        [
            "/test", "/location1/location2/location3", "/separate", "/seg1/seg2/seg3", "/query", "/location-query", "/multi-format", "/validate",
            "/create1", "/create2", "/create3", "/large", "/large-update", "/large-create", "/large-post", "/link1", "/link2", "/link3", "/path", "/obs",
        ];
        Assert.That(Discover(), Is.EqualTo(all));
        Assert.That(Client.LastText, Does.StartWith("</test>;title=\"Default test resource\",").And.Contain("</multi-format>;ct=\"0 41\";title=\"Text or XML\","));
    }

    [Test]
    public void TD_COAP_LINK_02_a_resource_type() => Assert.That(Discover("rt=Type1"), Is.EqualTo(new[] { "/link1", "/link3" }));

    [Test]
    public void TD_COAP_LINK_03_any_resource_type() =>
        Assert.That(Discover("rt=*"), Is.EqualTo(new[] { "/large", "/large-update", "/large-create", "/large-post", "/link1", "/link2", "/link3" }));

    [Test]
    public void TD_COAP_LINK_04_one_of_several_resource_types() => Assert.That(Discover("rt=Type2"), Is.EqualTo(new[] { "/link1", "/link2" }));

    [Test]
    public void TD_COAP_LINK_05_the_beginning_of_an_interface() => Assert.That(Discover("if=If*"), Is.EqualTo(new[] { "/link1", "/link2" }));

    [Test]
    public void TD_COAP_LINK_06_any_size() => Assert.That(Discover("sz=*"), Is.EqualTo(new[] { "/large" }));

    [Test]
    public void TD_COAP_LINK_07_a_whole_path() => Assert.That(Discover("href=/link1"), Is.EqualTo(new[] { "/link1" }));

    [Test]
    public void TD_COAP_LINK_08_the_beginning_of_a_path() => Assert.That(Discover("href=/link*"), Is.EqualTo(new[] { "/link1", "/link2", "/link3" }));

    [Test]
    public void TD_COAP_LINK_09_a_hierarchy()
    {
        Assert.That(Discover("ct=40"), Is.EqualTo(new[] { "/path" }));
        Client.Send(CON, 2, GET, "/path").Expect(ACK, 2, "2.05");
        Assert.That((Client.LastText, Format()), Is.EqualTo(("</path/sub1>,</path/sub2>,</path/sub3>", (uint)LinkFormat)));
        Client.Send(CON, 3, GET, "/path/sub1").Expect(ACK, 3, "2.05");
        Assert.That(Client.LastText, Is.EqualTo("/path/sub1"));
    }

    private string[] Discover(params string[] queries)
    {
        Client.Send(CON, 1, GET, Path, "", [.. queries.Select(Query)]).Expect(ACK, 1, "2.05");
        Assert.That(Format(), Is.EqualTo(LinkFormat));
        return [.. Client.LastText.Split(",<").Select(link => link.TrimStart('<').Split('>')[0])];
    }
}
