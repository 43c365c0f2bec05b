using System.Text;
using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>RFC 7641 §6: a link tells that its target can be observed.</summary>
internal sealed class Section6_LinkTests
{
    [Test]
    public async Task The_attribute_is_obs()
    {
        var site = new TestSite().With(new ResourceLink("/a", []) { Attributes = [new LinkAttribute("obs")] }, new ResourceLink("/b", [42]) { Attributes = [new LinkAttribute("obs")] }, new ResourceLink("/c", []));
        await using var server = await TestServer.StartAsync(site);
        var peer = server.NewPeer().Send(CON, 1, GET, "/.well-known/core").Expect(ACK, 1, "2.05");

        Assert.That(Encoding.UTF8.GetString(peer.Last.Payload.Span), Is.EqualTo("</a>;obs,</b>;ct=42;obs,</c>"));
    }
}
