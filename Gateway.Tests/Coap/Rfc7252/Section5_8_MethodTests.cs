using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §5.8: methods, those that a resource serves and those that nobody does.</summary>
internal sealed class Section5_8_MethodTests : RequestFixture
{
    protected override void Furnish(TestSite site)
    {
        site["/all"] = new TestResource(request => CoapResponse.Error(CoapCode.Content, $"{request.Method}"))
        {
            Takes = new HashSet<CoapCode> { GET, POST, PUT, DELETE, CoapCode.Fetch, CoapCode.Patch, CoapCode.IPatch },
        };
    }

    [TestCase(1, "GET")]
    [TestCase(2, "POST")]
    [TestCase(3, "PUT")]
    [TestCase(4, "DELETE")]
    [TestCase(5, "FETCH", Description = "RFC 8132")]
    [TestCase(6, "PATCH", Description = "RFC 8132")]
    [TestCase(7, "iPATCH", Description = "RFC 8132")]
    public void A_method_reaches_the_resource_that_serves_it(int code, string name)
    {
        Device.Send(CON, 1, new CoapCode((byte)code), "/all").Expect(ACK, 1, "2.05");
        Assert.That(Device.LastText, Is.EqualTo(name));
        Device.Send(NON, 2, new CoapCode((byte)code), "/all").Expect(NON, "2.05");
    }

    [TestCase(4)]
    [TestCase(5)]
    [TestCase(7)]
    public void A_method_that_the_resource_does_not_serve_is_answered_4_05(int code) =>
        Device.Send(CON, 1, new CoapCode((byte)code), "/m").Expect(ACK, 1, "4.05");

    [TestCase("/m")]
    [TestCase("/all")]
    [TestCase("/nowhere")]
    public void A_method_that_does_not_exist_is_answered_4_05(string path)
    {
        Device.Send(CON, 1, Code("0.08"), path).Expect(ACK, 1, "4.05");
        Device.Send(CON, 2, Code("0.31"), path).Expect(ACK, 2, "4.05");
        Device.Send(NON, 3, Code("0.31"), path).Expect(NON, "4.05");
    }

    [Test]
    public void A_known_method_where_nothing_is_is_answered_4_04()
    {
        for (var code = 1; code <= 7; code++)
        {
            Device.Send(CON, code, new CoapCode((byte)code), "/nowhere").Expect(ACK, code, "4.04");
        }
    }
}
