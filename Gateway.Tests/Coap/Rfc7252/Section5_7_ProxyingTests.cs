using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §5.7: this server is no proxy, and says so.</summary>
internal sealed class Section5_7_ProxyingTests : RequestFixture
{
    [TestCase(OptionNumber.ProxyUri, "coap://elsewhere/m")]
    [TestCase(OptionNumber.ProxyUri, "http://elsewhere/")]
    [TestCase(OptionNumber.ProxyScheme, "coap")]
    public void Proxying_is_answered_5_05(int number, string value)
    {
        Device.Send(CON, 1, GET, "/m", "", Text(number, value)).Expect(ACK, 1, "5.05");
        Assert.That(Seen, Is.Null);
    }

    [Test]
    public void Proxying_by_NON_is_answered_5_05_too() =>
        Device.Send(NON, 1, GET, "", "", Text(OptionNumber.ProxyUri, "coap://elsewhere/m")).Expect(NON, "5.05");

    [Test]
    public void A_Proxy_Uri_that_there_can_not_be_is_answered_4_02()
    {
        Device.Send(CON, 1, GET, "", "", Opaque(OptionNumber.ProxyUri, 0)).Expect(ACK, 1, "4.02");
        Device.Send(CON, 2, GET, "", "", Text(OptionNumber.ProxyUri, new string('x', 1034))).Expect(ACK, 2, "5.05");
        Device.Send(CON, 3, GET, "", "", Text(OptionNumber.ProxyUri, new string('x', 1035))).Expect(ACK, 3, "4.02");
    }
}
